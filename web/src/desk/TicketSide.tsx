import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ticketsQuery } from "../api/queries";
import { ticketCode } from "../lib/format";
import { CodeSearch } from "../tickets/CodeSearch";
import { TicketDetail } from "../tickets/TicketDetail";
import { TicketState } from "../tickets/TicketState";
import { Ago, Empty, Failure, Rows } from "../ui/bits";
import { BackIcon } from "../ui/icons";
import css from "./Desk.module.css";

interface Props {
  shown: string | null;
  onShow: (code: string | null) => void;
}

/** Tickets beside the call: found by code, or the recent ones; one of them in full. */
export function TicketSide({ shown, onShow }: Props) {
  const { t } = useTranslation();
  return (
    <section className={`card ${css.side}`} aria-label={t("tickets.title")}>
      <div className={css.sideHead}>
        <CodeSearch onFound={onShow} />
        {shown ? (
          <div className={css.between}>
            <Button
              variant="subtle"
              color="gray"
              size="compact-sm"
              leftSection={<BackIcon size={15} />}
              onClick={() => onShow(null)}
            >
              {t("tickets.recent")}
            </Button>
            <Link to={`/phieu/${shown}`}>{t("tickets.fullPage")}</Link>
          </div>
        ) : (
          <div className={css.between}>
            <h2 className="title">{t("tickets.recent")}</h2>
            <Link to="/phieu">{t("all")}</Link>
          </div>
        )}
      </div>
      <div className={css.sideBody}>
        {shown ? (
          <div style={{ padding: 14 }}>
            <TicketDetail key={shown} code={shown} narrow />
          </div>
        ) : (
          <Recent onShow={onShow} />
        )}
      </div>
    </section>
  );
}

function Recent({ onShow }: { onShow: (code: string) => void }) {
  const { t } = useTranslation();
  const tickets = useInfiniteQuery({ ...ticketsQuery({}), refetchInterval: 60_000 });
  if (tickets.isPending) return <Rows count={9} height={44} />;
  if (tickets.isError) return <Failure error={tickets.error} retry={() => void tickets.refetch()} />;
  const all = tickets.data.pages.flatMap((page) => page.items);
  if (all.length === 0) return <Empty title={t("tickets.none")} hint={t("tickets.noneHint")} />;
  return all.map((ticket) => (
    <button key={ticket.code} type="button" className={css.sideRow} onClick={() => onShow(ticket.code)}>
      <span className="cut" style={{ fontWeight: 500 }}>
        {ticket.title || ticket.content}
      </span>
      <TicketState state={ticket.state} />
      <span className="label tabular cut">
        {ticketCode(ticket.code)}
        {ticket.area && ` · ${ticket.area}`}
      </span>
      <span className="label">
        <Ago at={ticket.created_at} />
      </span>
    </button>
  ));
}
