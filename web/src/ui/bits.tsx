/** Small pieces that every page uses. */

import { Button, Skeleton, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../api/client";
import { dateTime, duration } from "../lib/format";
import { useSecondsSince } from "../lib/now";
import { InboxIcon, WarnIcon } from "./icons";

/** Runs on from `since`, as mm:ss. */
export function Clock({ since }: { since: string | null }) {
  const seconds = useSecondsSince(since);
  return <span className="tabular">{duration(seconds)}</span>;
}

/** "5 phút trước", with the exact time on hover and to screen readers. */
export function Ago({ at }: { at: string }) {
  const { t } = useTranslation();
  const seconds = useSecondsSince(at);
  const [unit, value] =
    seconds < 60
      ? (["now", 0] as const)
      : seconds < 3600
        ? (["minutes", Math.floor(seconds / 60)] as const)
        : seconds < 86_400
          ? (["hours", Math.floor(seconds / 3600)] as const)
          : (["days", Math.floor(seconds / 86_400)] as const);
  return (
    <Tooltip label={dateTime(at)} openDelay={200} withArrow>
      <time dateTime={at}>{t(`ago.${unit}`, { count: value })}</time>
    </Tooltip>
  );
}

export function Empty({ title, hint, children }: { title: string; hint?: string; children?: ReactNode }) {
  return (
    <div
      style={{ display: "grid", justifyItems: "center", gap: 4, padding: "28px 20px", textAlign: "center" }}
    >
      <span className="soft">
        <InboxIcon size={28} />
      </span>
      <strong style={{ fontWeight: 600 }}>{title}</strong>
      {hint && (
        <span className="soft" style={{ maxWidth: "38ch" }}>
          {hint}
        </span>
      )}
      {children}
    </div>
  );
}

export function Rows({ count, height = 40 }: { count: number; height?: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" style={{ display: "grid", gap: 8, padding: 12 }}>
      <span className="visually-hidden">{t("loading")}</span>
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars without identity
        <Skeleton key={index} height={height} radius="md" animate={false} />
      ))}
    </div>
  );
}

/** Words for a refusal: what happened and what to do next. */
export function useReason(): (error: unknown) => string {
  const { t, i18n } = useTranslation();
  return (error) => {
    const code = error instanceof Refused ? error.code : "unreachable";
    const minutes = error instanceof Refused && error.retryAfterS ? Math.ceil(error.retryAfterS / 60) : 1;
    return i18n.exists(`problem.${code}`)
      ? t(`problem.${code}` as "problem.error", { minutes })
      : t("problem.error");
  };
}

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  const reason = useReason();
  return (
    <div role="alert" style={{ display: "grid", justifyItems: "center", gap: 8, padding: "28px 20px" }}>
      <span style={{ color: "var(--bad-fg)" }}>
        <WarnIcon size={26} />
      </span>
      <span style={{ maxWidth: "44ch", textAlign: "center" }}>{reason(error)}</span>
      {retry && (
        <Button size="xs" variant="default" onClick={retry}>
          {t("retry")}
        </Button>
      )}
    </div>
  );
}

export function Notice({ tone, children }: { tone: "warn" | "bad"; children: ReactNode }) {
  return (
    <div
      role="alert"
      style={{
        display: "flex",
        gap: 8,
        alignItems: "flex-start",
        padding: "8px 12px",
        borderRadius: 8,
        background: `var(--${tone}-bg)`,
        color: `var(--${tone}-fg)`,
        fontSize: "0.8125rem",
      }}
    >
      <span style={{ flex: "none", marginTop: 1 }}>
        <WarnIcon size={16} />
      </span>
      <div style={{ flex: 1 }}>{children}</div>
    </div>
  );
}
