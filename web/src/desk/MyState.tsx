import { Button, Menu, Skeleton } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { body, client, Refused } from "../api/client";
import { isStale, useLive } from "../live/store";
import { useMe } from "../session/session";
import { Clock, Notice, useReason } from "../ui/bits";
import { CheckIcon, PhoneIcon, WarnIcon } from "../ui/icons";
import { StateTag } from "../ui/StateTag";
import css from "./Desk.module.css";

const PAUSES = ["short_break", "lunch", "paperwork", "meeting", "training", "other"] as const;

interface Wish {
  state: "ready" | "paused" | "offline";
  reason?: string;
}

/** My state with its running clock, and the one control that changes it. */
export function MyState() {
  const { t } = useTranslation();
  const me = useMe();
  const mine = useLive((live) => live.picture?.operators[me.login]);
  const known = useLive((live) => live.picture !== null);
  const stale = useLive(isStale);
  const ask = useMutation({
    mutationFn: (wish: Wish) =>
      body(
        client.PUT("/api/v1/operators/{login}/state", {
          params: { path: { login: "me" } },
          body: { state: wish.state, reason: wish.reason ?? "" },
        }),
      ),
  });
  const { reset } = ask;
  const phone = mine?.phone ?? null;
  useEffect(() => {
    // A phone that has come is the answer to what was refused for the lack of one.
    if (phone) reset();
  }, [phone, reset]);
  const state = mine?.state ?? "offline";
  // A call in hand says that I was ready for it.
  const inQueues = state === "paused" || state === "offline" ? state : "ready";
  const asked = ask.isPending ? ask.variables.state : null;
  const on = (wish: Wish["state"]) => (asked ?? inQueues) === wish;
  return (
    <section className={`card ${css.pad}`} aria-label={t("desk.myState")}>
      <div className={css.between}>
        <span className={stale ? "stale" : undefined}>
          {known ? (
            <StateTag state={state} />
          ) : (
            <Skeleton width={110} height={26} radius="xl" animate={false} />
          )}
        </span>
        <span className={css.stateClock} data-stale={stale}>
          {mine?.since ? <Clock since={mine.since} /> : <span className="tabular">00:00</span>}
        </span>
      </div>
      <div className={css.stateNote}>
        {state === "paused" && mine?.reason ? (
          <PauseReason reason={mine.reason} />
        ) : (
          <PhoneLine phone={phone} />
        )}
      </div>
      <div className={css.control}>
        <Button
          size="sm"
          variant={on("ready") ? "light" : "filled"}
          aria-pressed={on("ready")}
          onClick={() => ask.mutate({ state: "ready" })}
        >
          {t("desk.ready")}
        </Button>
        <Menu position="bottom" width={210}>
          <Menu.Target>
            <Button size="sm" variant={on("paused") ? "light" : "default"} aria-pressed={on("paused")}>
              {t("desk.pause")}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{t("pause.title")}</Menu.Label>
            {PAUSES.map((reason) => (
              <Menu.Item key={reason} onClick={() => ask.mutate({ state: "paused", reason })}>
                {t(`pause.${reason}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Button
          size="sm"
          variant={on("offline") ? "light" : "default"}
          aria-pressed={on("offline")}
          onClick={() => ask.mutate({ state: "offline" })}
        >
          {t("desk.offline")}
        </Button>
      </div>
      {ask.isError && <StateRefused error={ask.error} login={me.login} />}
    </section>
  );
}

function StateRefused({ error, login }: { error: Error; login: string }) {
  const { t } = useTranslation();
  const reason = useReason();
  if (error instanceof Refused && error.code === "phone_not_registered")
    return (
      <Notice tone="warn">
        <strong>{t("desk.noPhone")}</strong> {t("desk.noPhoneSteps", { login })}
      </Notice>
    );
  return <Notice tone="bad">{reason(error)}</Notice>;
}

function PauseReason({ reason }: { reason: string }) {
  const { t, i18n } = useTranslation();
  const word = i18n.exists(`pause.${reason}`) ? t(`pause.${reason}` as "pause.other") : reason;
  return <span className="cut">{word}</span>;
}

function PhoneLine({ phone }: { phone: "desk" | "browser" | null }) {
  const { t } = useTranslation();
  return (
    <>
      {phone ? <PhoneIcon size={15} /> : <WarnIcon size={15} />}
      <span className="cut">{t(`desk.phone.${phone ?? "none"}`)}</span>
      {phone && <CheckIcon size={14} />}
    </>
  );
}
