import { useTranslation } from "react-i18next";

const LOOKS: Record<string, string> = {
  new: "ringing",
  forwarded: "wrapup",
  in_progress: "on_hold",
  returned: "on_hold",
  answered: "talking",
  closed: "ready",
};

export function useTicketStateName(): (state: string) => string {
  const { t, i18n } = useTranslation();
  return (state) =>
    i18n.exists(`tickets.states.${state}`) ? t(`tickets.states.${state}` as "tickets.states.new") : state;
}

export function TicketState({ state }: { state: string }) {
  const nameOf = useTicketStateName();
  const look = LOOKS[state] ?? "paused";
  return (
    <span
      style={{
        justifySelf: "end",
        padding: "1px 8px",
        borderRadius: 6,
        background: `var(--${look}-bg)`,
        color: `var(--${look}-fg)`,
        fontSize: "0.75rem",
        fontWeight: 600,
        whiteSpace: "nowrap",
      }}
    >
      {nameOf(state)}
    </span>
  );
}
