import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { myDayQuery } from "../api/queries";
import { dayStart, duration } from "../lib/format";
import { serverNow } from "../lib/now";

/** How many calls I have answered today, and how long I talk on average. */
export function Today({ login }: { login: string }) {
  const { t } = useTranslation();
  const day = useQuery({ ...myDayQuery(login, dayStart(serverNow())), refetchInterval: 60_000 });
  const calls = day.data?.items ?? [];
  const talks = calls.flatMap((call) => (call.talk_s === null ? [] : [call.talk_s]));
  const mean = talks.length > 0 ? talks.reduce((sum, talk) => sum + talk, 0) / talks.length : 0;
  const number = day.data ? `${calls.length}${day.data.next_cursor ? "+" : ""}` : "–";
  return (
    <Link
      to={`/cuoc-goi?operator=${encodeURIComponent(login)}&outcome=answered`}
      className="tabular"
      style={{ color: "var(--soft)", fontSize: "0.8125rem", whiteSpace: "nowrap", textDecoration: "none" }}
    >
      {t("desk.today")}: {t("desk.answered").toLowerCase()} <b style={{ color: "var(--ink)" }}>{number}</b> ·{" "}
      {t("desk.average").toLowerCase()} <b style={{ color: "var(--ink)" }}>{duration(mean)}</b>
    </Link>
  );
}
