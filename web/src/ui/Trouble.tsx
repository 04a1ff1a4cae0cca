import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Empty } from "./bits";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <div className="page">
      <Empty title={t("notFound.title")} hint={t("notFound.hint")}>
        <Link to="/">{t("notFound.home")}</Link>
      </Empty>
    </div>
  );
}

/** For a fault of ours: nothing typed is lost, drafts are kept at each key. */
export function Crashed() {
  const { t } = useTranslation();
  return (
    <main className="page">
      <Empty title={t("crashed.title")} hint={t("crashed.hint")}>
        <Button mt="sm" onClick={() => location.reload()}>
          {t("crashed.reload")}
        </Button>
      </Empty>
    </main>
  );
}
