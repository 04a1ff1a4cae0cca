import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Ticket } from "../api/client";
import { ticketQuery } from "../api/queries";
import { Player } from "../calls/Player";
import { dateTime, phone, ticketCode } from "../lib/format";
import { useCategoryName } from "../lib/words";
import { may, useMe } from "../session/session";
import { Failure, Rows } from "../ui/bits";
import { NoteForm } from "./NoteForm";
import css from "./Ticket.module.css";
import { TicketState } from "./TicketState";
import { Timeline } from "./Timeline";

/** A ticket as one timeline. `narrow` for the desk's right column. */
export function TicketDetail({ code, narrow = false }: { code: string; narrow?: boolean }) {
  const { t } = useTranslation();
  const me = useMe();
  const ticket = useQuery(ticketQuery(code));
  if (ticket.isPending) return <Rows count={5} height={48} />;
  if (ticket.isError) return <Failure error={ticket.error} retry={() => void ticket.refetch()} />;
  const shown = ticket.data;
  const body = (
    <div className={narrow ? css.main : `card ${css.main}`}>
      <p className={css.content}>{shown.content}</p>
      {shown.message && (
        <section>
          <h2 className="title">{t("tickets.message")}</h2>
          <Player audio={shown.message} />
        </section>
      )}
      {narrow && <Facts ticket={shown} />}
      <section>
        <h2 className="title">{t("tickets.timeline")}</h2>
        <Timeline notes={shown.notes} />
        {may(me, "ticket.note") && <NoteForm code={shown.code} />}
      </section>
    </div>
  );
  return (
    <article className={narrow ? css.narrow : css.wide} data-testid="ticket">
      <header className={css.head}>
        {shown.title ? (
          <span className={`tabular ${css.code}`}>{ticketCode(shown.code)}</span>
        ) : (
          <h1 className={`tabular ${css.codeOnly}`}>{ticketCode(shown.code)}</h1>
        )}
        <TicketState state={shown.state} />
        {shown.title && <h1 className={css.title}>{shown.title}</h1>}
      </header>
      {narrow ? (
        body
      ) : (
        <div className={css.columns}>
          {body}
          <aside className={`card ${css.aside}`}>
            <Facts ticket={shown} />
          </aside>
        </div>
      )}
    </article>
  );
}

function Facts({ ticket }: { ticket: Ticket }) {
  const { t, i18n } = useTranslation();
  const categoryName = useCategoryName();
  const me = useMe();
  const source = i18n.exists(`tickets.sources.${ticket.source}`)
    ? t(`tickets.sources.${ticket.source}` as "tickets.sources.call")
    : ticket.source;
  const rows: [string, string][] = [
    [t("tickets.category"), categoryName(ticket.category)],
    [t("tickets.area"), ticket.area],
    [t("tickets.address"), ticket.address],
    [t("tickets.agency"), ticket.agency],
    [t("tickets.citizen"), ticket.citizen_name],
    [t("tickets.phone"), phone(ticket.citizen_phone)],
    [t("tickets.created"), dateTime(ticket.created_at)],
    [t("tickets.source"), source],
    [t("tickets.public"), t(ticket.public ? "tickets.yes" : "tickets.no")],
  ];
  return (
    <dl className="facts">
      {rows
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd className="tabular">{value}</dd>
          </div>
        ))}
      {ticket.linkedid && may(me, "call.list") && (
        <>
          <dt>{t("tickets.call")}</dt>
          <dd>
            <Link to={`/cuoc-goi/${ticket.linkedid}`}>{t("tickets.seeCall")}</Link>
          </dd>
        </>
      )}
    </dl>
  );
}
