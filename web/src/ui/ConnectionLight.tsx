import { useTranslation } from "react-i18next";
import { clock } from "../lib/format";
import { useLive } from "../live/store";
import css from "./ConnectionLight.module.css";

/** A quiet dot while all is well; a banner with the time of what is shown once it is not. In the bar, so that nothing
 * below moves. */
export function ConnectionLight() {
  const { t } = useTranslation();
  const link = useLive((live) => live.link);
  const heardAt = useLive((live) => live.heardAt);
  const staleSince = useLive((live) => live.picture?.stale_since ?? null);
  const time = clock(link === "lost" ? (heardAt ?? 0) : Date.parse(staleSince ?? ""));
  const tone = link === "lost" || staleSince ? "bad" : link === "open" ? "good" : "wait";
  const words =
    link === "lost"
      ? heardAt
        ? t("live.lost", { time })
        : t("live.lostNow")
      : staleSince
        ? t("live.stale", { time })
        : t(link === "open" ? "live.connected" : "live.connecting");
  return (
    <span className={css.light} data-tone={tone} role="status">
      <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
        {tone === "good" ? (
          <circle cx="5" cy="5" r="4" fill="currentColor" />
        ) : (
          <path d="M5 .8 9.6 9.2H.4z" fill="currentColor" />
        )}
      </svg>
      <span className="tabular">{words}</span>
    </span>
  );
}
