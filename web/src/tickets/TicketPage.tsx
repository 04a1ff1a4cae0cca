import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { ticketCode } from "../lib/format";
import { useTitle } from "../lib/title";
import { TicketDetail } from "./TicketDetail";

export function TicketPage() {
  const { t } = useTranslation();
  const { code = "" } = useParams();
  useTitle(`${t("tickets.title")} ${ticketCode(code)}`);
  return (
    <div className="page">
      <div
        style={{ display: "flex", justifyContent: "space-between", marginBottom: 16 }}
        className="no-print"
      >
        <Link to="/phieu">← {t("tickets.title")}</Link>
        <Button size="compact-sm" variant="default" onClick={() => window.print()}>
          {t("tickets.print")}
        </Button>
      </div>
      <TicketDetail key={code} code={code} />
    </div>
  );
}
