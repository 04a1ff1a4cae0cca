import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { contextQuery } from "../api/queries";
import { currentLang } from "../i18n";
import { duration, phone } from "../lib/format";
import { menuWords } from "../lib/path";
import { useLanguageName, useQueueName, useReasonWord } from "../lib/words";
import { isStale, useLive } from "../live/store";
import type { Pop as PopNow } from "../live/types";
import { useMe } from "../session/session";
import { Clock } from "../ui/bits";
import { StateTag } from "../ui/StateTag";
import css from "./Desk.module.css";
import { History } from "./History";

/** Who is calling and why: always in the same place, always as high, never taking the focus. */
export function Pop({ onTicket }: { onTicket: (code: string) => void }) {
  const { t } = useTranslation();
  const pop = useLive((live) => live.picture?.pop ?? null);
  const stale = useLive(isStale);
  return (
    <section
      className={`card ${css.pop} ${stale ? "stale" : ""}`}
      data-state={pop?.state ?? "none"}
      aria-label={t("desk.pop")}
      data-testid="pop"
    >
      {pop ? <Caller key={pop.linkedid} pop={pop} onTicket={onTicket} /> : <Idle />}
    </section>
  );
}

function Idle() {
  const { t } = useTranslation();
  const me = useMe();
  const ready = useLive((live) => live.picture?.operators[me.login]?.state === "ready");
  return (
    <div className={css.idle}>
      <strong>{t(ready ? "desk.idle.ready" : "desk.idle.other")}</strong>
      <span className="soft">{t(ready ? "desk.idle.readyHint" : "desk.idle.otherHint")}</span>
    </div>
  );
}

function Caller({ pop, onTicket }: { pop: PopNow; onTicket: (code: string) => void }) {
  const { t } = useTranslation();
  const context = useQuery({ ...contextQuery(pop.linkedid), retry: 4 });
  const reasonWord = useReasonWord();
  const queueName = useQueueName();
  const languageName = useLanguageName();
  const name = context.data?.caller.name;
  const path = menuWords(context.data?.menu_path ?? [], currentLang());
  return (
    <>
      <div className={css.who}>
        <div>
          <StateTag state={pop.state} />
        </div>
        <div className={css.number} data-testid="pop-number">
          {pop.number ? phone(pop.number) : t("withheld")}
        </div>
        <div className={css.callerName} title={name || undefined}>
          {context.isPending ? <Skeleton width={180} height={16} animate={false} /> : name || t("unnamed")}
        </div>
        <dl className={css.whyList}>
          <dt>{t("desk.why")}</dt>
          <dd>
            <b>{reasonWord(pop.reason) || "–"}</b>
          </dd>
          <dt>{t("desk.path")}</dt>
          <dd title={path || undefined}>{context.isPending ? "…" : path || t("desk.noPath")}</dd>
          <dt>{t("desk.waited")}</dt>
          <dd className="tabular">
            <Waited pop={pop} /> · {languageName(pop.language) || "–"} · {queueName(pop.queue)}
          </dd>
        </dl>
      </div>
      <History pop={pop} context={context} onTicket={onTicket} />
    </>
  );
}

function Waited({ pop }: { pop: PopNow }) {
  const from = pop.joined_at ?? pop.rung_at;
  if (pop.state === "ringing" || !pop.connected_at) return <Clock since={from} />;
  return <>{duration((Date.parse(pop.connected_at) - Date.parse(from)) / 1000)}</>;
}
