import { useTranslation } from "react-i18next";
import { phone } from "../lib/format";
import { isStale, useLive } from "../live/store";
import type { Pop } from "../live/types";
import { Clock } from "../ui/bits";
import { StateShape } from "../ui/StateTag";
import css from "./Desk.module.css";

/** Since when the call is in the state that it is in. */
export function since(pop: Pop): string | null {
  if (pop.state === "ringing") return pop.rung_at;
  return pop.state === "talking" ? pop.connected_at : pop.ended_at;
}

/** The call on my phone; always as high, so that the queue below never moves. */
export function CallAtHand() {
  const { t } = useTranslation();
  const pop = useLive((live) => live.picture?.pop ?? null);
  const stale = useLive(isStale);
  const state = pop?.state ?? "none";
  return (
    <section
      className={`card ${css.hand} ${stale ? "stale" : ""}`}
      data-state={state}
      aria-label={t("desk.call")}
    >
      {pop ? (
        <>
          <div className={css.between}>
            <span className={css.handState}>
              <StateShape state={pop.state} size={13} />
              {t(`state.${pop.state}`)}
            </span>
            <span className={css.handClock}>
              <Clock since={since(pop)} />
            </span>
          </div>
          <strong className={`tabular ${css.handNumber}`}>
            {pop.number ? phone(pop.number) : t("withheld")}
          </strong>
          <span className={css.handHint}>{pop.state === "ringing" ? t("desk.answerOnPhone") : " "}</span>
        </>
      ) : (
        <span className={css.handNone}>{t("desk.noCall")}</span>
      )}
    </section>
  );
}
