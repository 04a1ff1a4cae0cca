import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { QueueNow } from "../api/client";
import { queuesQuery } from "../api/queries";
import { currentLang } from "../i18n";
import { count, duration, localDay, phone } from "../lib/format";
import { serverNow, useSecondsSince } from "../lib/now";
import { useTitle } from "../lib/title";
import { useQueueName, useQueueNames, useReasonWord } from "../lib/words";
import { queuesOf, waiting } from "../live/reducer";
import { isStale, useLive } from "../live/store";
import type { Operator, Queue } from "../live/types";
import { Clock, Empty, Failure, Rows } from "../ui/bits";
import { StateTag } from "../ui/StateTag";
import css from "./Watch.module.css";

/** The floor as it is: queues with their day, operators with their clocks, everybody who waits. */
export function Watch() {
  const { t } = useTranslation();
  const picture = useLive((live) => live.picture);
  const stale = useLive(isStale);
  const queues = useQuery({ ...queuesQuery, refetchInterval: 30_000 });
  const names = useQueueNames();
  useTitle(t("watch.title"));
  return (
    <div className="page">
      <div className={css.head}>
        <h1 className="page-title">{t("watch.title")}</h1>
        {queues.data && !queues.data.open && <span className="soft">{t("watch.closed")}</span>}
      </div>
      {queues.isError && !queues.data && <Failure error={queues.error} retry={() => void queues.refetch()} />}
      {!picture && <Rows count={6} height={64} />}
      {picture && (
        <div className={stale ? "stale" : undefined}>
          <div className={css.queues}>
            {queuesOf(picture, names).map((queue) => (
              <QueueCard
                key={queue.name}
                queue={queue}
                day={queues.data?.items.find((one) => one.name === queue.name)}
                within={queues.data?.service_level_s ?? 20}
              />
            ))}
          </div>
          <div className={css.columns}>
            <section className="card" aria-labelledby="operators">
              <h2 className={`title ${css.heading}`} id="operators">
                {t("watch.operators")}
              </h2>
              <Operators operators={Object.values(picture.operators)} />
            </section>
            <section className="card" aria-labelledby="callers">
              <h2 className={`title ${css.heading}`} id="callers">
                {t("watch.callers")}
              </h2>
              <Callers />
            </section>
          </div>
        </div>
      )}
    </div>
  );
}

function QueueCard({ queue, day, within }: { queue: Queue; day: QueueNow | undefined; within: number }) {
  const { t } = useTranslation();
  const nameOf = useQueueName();
  const first = queue.waiting.map((caller) => caller.joined_at).sort()[0] ?? null;
  const longest = useSecondsSince(first);
  const today = day?.today;
  const thisDay = localDay(new Date(serverNow()));
  const level = today?.service_level;
  return (
    <section className={`card ${css.queue}`} aria-label={nameOf(queue.name)}>
      <h2 className="title">{nameOf(queue.name)}</h2>
      <div className={css.figures}>
        <Figure name={t("watch.waiting")} value={String(queue.waiting.length)} />
        <Figure name={t("watch.longest")} value={first ? duration(longest) : "–"} />
        <Figure name={t("watch.ready")} value={`${queue.ready}/${queue.members}`} />
      </div>
      <dl className={css.day}>
        <dt>{t("watch.answeredToday")}</dt>
        <dd>
          <Link to={`/cuoc-goi?queue=${queue.name}&outcome=answered&from=${thisDay}`}>
            {today ? count(today.answered, currentLang()) : "–"}
          </Link>
        </dd>
        <dt>{t("watch.abandonedToday")}</dt>
        <dd>
          <Link to={`/cuoc-goi?queue=${queue.name}&outcome=abandoned&from=${thisDay}`}>
            {today ? count(today.abandoned, currentLang()) : "–"}
          </Link>
          {today && today.short_abandoned > 0 && (
            <span className="label"> {t("watch.shortAbandoned", { n: today.short_abandoned })}</span>
          )}
        </dd>
        <dt>{t("watch.level", { s: within })}</dt>
        <dd>{level == null ? t("watch.noLevel") : `${Math.round(level * 100)}%`}</dd>
      </dl>
    </section>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <div className={`tabular ${css.value}`}>{value}</div>
      <div className="label">{name}</div>
    </div>
  );
}

function Operators({ operators }: { operators: Operator[] }) {
  const { t, i18n } = useTranslation();
  const nameOf = useQueueName();
  if (operators.length === 0)
    return <Empty title={t("watch.noOperators")} hint={t("watch.noOperatorsHint")} />;
  return (
    <table className="rows">
      <thead>
        <tr>
          <th>{t("watch.name")}</th>
          <th>{t("watch.state")}</th>
          <th>{t("watch.since")}</th>
          <th>{t("watch.phone")}</th>
        </tr>
      </thead>
      <tbody>
        {operators
          .toSorted((a, b) => a.login.localeCompare(b.login, "en", { numeric: true }))
          .map((one) => (
            <tr key={one.login}>
              <td>
                {one.name}
                <div className="label">{one.queues.map(nameOf).join(", ") || one.login}</div>
              </td>
              <td>
                <StateTag state={one.state} />
                {one.reason && (
                  <div className="label">
                    {i18n.exists(`pause.${one.reason}`)
                      ? t(`pause.${one.reason}` as "pause.other")
                      : one.reason}
                  </div>
                )}
              </td>
              <td className={css.clock}>{one.since ? <Clock since={one.since} /> : "–"}</td>
              <td>{t(`watch.phones.${one.phone ?? "none"}`)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}

function Callers() {
  const { t } = useTranslation();
  const picture = useLive((live) => live.picture);
  const nameOf = useQueueName();
  const reasonWord = useReasonWord();
  const callers = useMemo(() => (picture ? waiting(picture) : []), [picture]);
  if (callers.length === 0) return <Empty title={t("desk.nobody")} />;
  return (
    <div className={css.callers}>
      <table className="rows">
        <thead>
          <tr>
            <th>{t("calls.caller")}</th>
            <th>{t("calls.reason")}</th>
            <th>{t("calls.wait")}</th>
          </tr>
        </thead>
        <tbody className="tabular">
          {callers.map((caller) => (
            <tr key={caller.linkedid}>
              <td style={{ whiteSpace: "nowrap" }}>{caller.number ? phone(caller.number) : t("withheld")}</td>
              <td>
                {reasonWord(caller.reason)}
                <div className="label">{nameOf(caller.queue)}</div>
              </td>
              <td className={css.clock}>
                <Clock since={caller.joined_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
