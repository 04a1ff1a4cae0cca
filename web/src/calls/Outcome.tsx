import { useTranslation } from "react-i18next";
import type { CallBrief } from "../api/client";

type Name = NonNullable<CallBrief["outcome"]>;

const LOOKS: Record<Name, string> = {
  answered: "ready",
  self_served: "talking",
  message_left: "wrapup",
  callback_requested: "wrapup",
  abandoned: "on_hold",
  ivr_hangup: "paused",
  rejected: "paused",
  failed: "bad",
};
export const OUTCOMES = Object.keys(LOOKS) as Name[];

export function useOutcomeName(): (outcome: Name) => string {
  const { t } = useTranslation();
  return (outcome) => t(`calls.outcomes.${outcome}`);
}

/** How a call ended, or that it still lasts. */
export function Outcome({ outcome }: { outcome: CallBrief["outcome"] }) {
  const { t } = useTranslation();
  const nameOf = useOutcomeName();
  const look = outcome ? LOOKS[outcome] : "ringing";
  return (
    <span
      style={{
        padding: "1px 8px",
        borderRadius: 6,
        background: `var(--${look}-bg)`,
        color: `var(--${look}-fg)`,
        fontSize: "0.75rem",
        fontWeight: 600,
        whiteSpace: "nowrap",
      }}
    >
      {outcome ? nameOf(outcome) : t("calls.running")}
    </span>
  );
}
