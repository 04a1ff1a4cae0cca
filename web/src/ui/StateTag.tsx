import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { OperatorStateName } from "../live/types";

const SHAPES: Record<OperatorStateName, ReactNode> = {
  ready: <circle cx="6" cy="6" r="4.5" fill="currentColor" />,
  ringing: (
    <>
      <circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M4.2 3.5v5M6 2.8v6.4M7.8 3.5v5" stroke="currentColor" strokeWidth="1.1" />
    </>
  ),
  talking: <path d="M2.5 1.5 10.5 6l-8 4.5z" fill="currentColor" />,
  on_hold: <path d="M2 1.5h3v9H2zm5 0h3v9H7z" fill="currentColor" />,
  wrapup: <path d="m1.5 10.5.8-3L8.5 1.3l2.2 2.2-6.2 6.2z" fill="currentColor" />,
  paused: <path d="M8.7 8.8A5 5 0 0 1 4.3 1.5a4.8 4.8 0 1 0 6.2 6.5 4 4 0 0 1-1.8.8z" fill="currentColor" />,
  offline: <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="1.5" />,
};

export function StateShape({ state, size = 12 }: { state: OperatorStateName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 12 12" aria-hidden="true">
      {SHAPES[state]}
    </svg>
  );
}

/** An operator's state: a word, a shape and a colour. */
export function StateTag({ state, children }: { state: OperatorStateName; children?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <span
      className="state-tag"
      data-state={state}
      style={{ background: `var(--${state}-bg)`, color: `var(--${state}-fg)` }}
    >
      <StateShape state={state} />
      {t(`state.${state}`)}
      {children}
    </span>
  );
}
