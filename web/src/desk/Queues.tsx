import { Skeleton } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { phone } from "../lib/format";
import { useQueueName, useQueueNames, useReasonWord } from "../lib/words";
import { queuesOf, waiting } from "../live/reducer";
import { isStale, useLive } from "../live/store";
import { Clock } from "../ui/bits";
import css from "./Desk.module.css";

const ROW = 44;

/** The queues as they stand: a line for each, then everybody who waits, the longest wait first. */
export function Queues() {
  const { t } = useTranslation();
  const picture = useLive((live) => live.picture);
  const stale = useLive(isStale);
  const nameOf = useQueueName();
  const names = useQueueNames();
  const callers = useMemo(() => (picture ? waiting(picture) : []), [picture]);
  const queues = picture ? queuesOf(picture, names) : [];
  return (
    <section className={`card ${css.queues}`} aria-label={t("desk.queues")}>
      <div className={css.pad}>
        <div className={css.between}>
          <h2 className="title">{t("desk.queues")}</h2>
          <strong className="tabular">{t("desk.waiting", { n: callers.length })}</strong>
        </div>
        <ul className={`${css.queueList} ${stale ? "stale" : ""}`}>
          {!picture && <Skeleton height={72} animate={false} />}
          {queues.map((queue) => (
            <li key={queue.name}>
              <span className="cut">{nameOf(queue.name)}</span>
              <span className="soft tabular">
                {t("desk.readyOf", { ready: queue.ready, members: queue.members })}
              </span>
              <b className={`tabular ${css.count}`}>{queue.waiting.length}</b>
            </li>
          ))}
        </ul>
      </div>
      {picture && callers.length === 0 ? (
        <p className={css.nobody}>{t("desk.nobody")}</p>
      ) : (
        <WaitingList callers={callers} stale={stale} />
      )}
    </section>
  );
}

function WaitingList({ callers, stale }: { callers: ReturnType<typeof waiting>; stale: boolean }) {
  const { t } = useTranslation();
  const reasonWord = useReasonWord();
  const box = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: callers.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    getItemKey: (index) => callers[index]?.linkedid ?? index,
    overscan: 6,
  });
  return (
    <section
      ref={box}
      className={`${css.waiting} ${stale ? "stale" : ""}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={t("desk.queues")}
    >
      <ul className={css.rows} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const caller = callers[row.index];
          if (!caller) return null;
          return (
            <li
              key={row.key}
              className={css.caller}
              style={{ height: ROW, transform: `translateY(${row.start}px)` }}
            >
              <span className="tabular cut">{caller.number ? phone(caller.number) : t("withheld")}</span>
              <span className={css.callerClock}>
                <Clock since={caller.joined_at} />
              </span>
              <span className="soft cut">{reasonWord(caller.reason)}</span>
              <span className="label">{caller.language.toUpperCase()}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
