import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import type { Call } from "../api/client";
import { callQuery } from "../api/queries";
import { currentLang } from "../i18n";
import { dateTime, duration, phone, ticketCode } from "../lib/format";
import { menuWords } from "../lib/path";
import { useTitle } from "../lib/title";
import { useLanguageName, useQueueName, useReasonWord } from "../lib/words";
import { may, useMe } from "../session/session";
import { TicketState } from "../tickets/TicketState";
import { Failure, Rows } from "../ui/bits";
import css from "./Call.module.css";
import { Outcome } from "./Outcome";
import { Player } from "./Player";

export function CallPage() {
  const { t } = useTranslation();
  const { linkedid = "" } = useParams();
  const call = useQuery({
    ...callQuery(linkedid),
    // A call that lasts, or whose recording is still being archived, is looked at again.
    refetchInterval: ({ state }) => (state.data && !state.data.outcome ? 5000 : false),
  });
  useTitle(t("calls.title"));
  return (
    <div className="page">
      <Link to="/cuoc-goi">← {t("calls.title")}</Link>
      {call.isPending && <Rows count={6} />}
      {call.isError && <Failure error={call.error} retry={() => void call.refetch()} />}
      {call.data && <Detail call={call.data} />}
    </div>
  );
}

function Detail({ call }: { call: Call }) {
  const { t } = useTranslation();
  return (
    <article className={css.call}>
      <header className={css.head}>
        <h1 className="page-title tabular">{call.caller ? phone(call.caller) : t("withheld")}</h1>
        <Outcome outcome={call.outcome} />
        <span className="soft tabular">{dateTime(call.started_at)}</span>
      </header>
      <div className={css.columns}>
        <div className={css.main}>
          <section className={`card ${css.block}`}>
            <h2 className="title">{t("calls.recording")}</h2>
            <RecordingOf call={call} />
          </section>
          {call.message && (
            <section className={`card ${css.block}`}>
              <h2 className="title">{t("calls.message")}</h2>
              <Player audio={call.message} />
            </section>
          )}
          <section className={`card ${css.block}`}>
            <h2 className="title">{t("calls.tickets")}</h2>
            {call.tickets.length === 0 && <p className={css.nothing}>{t("calls.noTickets")}</p>}
            <ul className={css.tickets}>
              {call.tickets.map((ticket) => (
                <li key={ticket.code}>
                  <Link to={`/phieu/${ticket.code}`} className="tabular">
                    {ticketCode(ticket.code)}
                  </Link>
                  <span className="cut">{ticket.title || ticket.content}</span>
                  <TicketState state={ticket.state} />
                </li>
              ))}
            </ul>
          </section>
        </div>
        <aside className={`card ${css.block}`}>
          <Facts call={call} />
        </aside>
      </div>
    </article>
  );
}

function RecordingOf({ call }: { call: Call }) {
  const { t } = useTranslation();
  const me = useMe();
  if (!call.recording) return <p className={css.nothing}>{t("calls.noRecording")}</p>;
  if (!may(me, "recording.listen") && call.operator !== me.login)
    return <p className={css.nothing}>{t("calls.mayNot")}</p>;
  return (
    <>
      <p className={css.nothing}>{t("calls.recordingHint")}</p>
      <Player audio={call.recording} />
    </>
  );
}

function Facts({ call }: { call: Call }) {
  const { t } = useTranslation();
  const queueName = useQueueName();
  const reasonWord = useReasonWord();
  const languageName = useLanguageName();
  const path = menuWords(call.menu_path, currentLang());
  const rows: [string, string][] = [
    [t("calls.dialled"), call.dialled],
    [t("calls.started"), dateTime(call.started_at)],
    [t("calls.ended"), call.ended_at ? dateTime(call.ended_at) : ""],
    [t("desk.speaks"), languageName(call.language)],
    [t("calls.reason"), reasonWord(call.reason)],
    [t("calls.path"), path],
    [t("calls.queue"), call.queue && queueName(call.queue)],
    [t("calls.operator"), call.operator],
    [t("calls.wait"), call.wait_s === null ? "" : duration(call.wait_s)],
    [t("calls.talk"), call.talk_s === null ? "" : duration(call.talk_s)],
    [t("calls.failure"), call.failure],
  ];
  return (
    <dl className="facts tabular">
      {rows
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
