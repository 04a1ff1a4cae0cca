import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { currentLang, setLang } from "../i18n";

/** Named in the language that it leads to. */
export function LanguageSwitch() {
  const { t } = useTranslation();
  const other = currentLang() === "vi" ? "en" : "vi";
  return (
    <Button variant="subtle" color="gray" size="compact-sm" lang={other} onClick={() => setLang(other)}>
      {t("language.switch")}
    </Button>
  );
}
