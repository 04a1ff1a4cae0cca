import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { phone } from "../lib/format";
import { useLive } from "../live/store";
import { BellIcon, BellOffIcon } from "../ui/icons";
import { ring, unlock } from "./ring";

/** Ringing on every page: sound, the window's title, and words for screen readers. Never a dialog, never the focus. */
export function RingBell() {
  const { t } = useTranslation();
  const pop = useLive((live) => live.picture?.pop ?? null);
  const [on, setOn] = useLocalStorage({ key: "hotline.ring", defaultValue: true });
  const [blocked, setBlocked] = useState(false);
  const ringing = pop?.state === "ringing" ? pop.linkedid : null;
  const who = pop?.number ? phone(pop.number) : t("withheld");

  useEffect(() => {
    addEventListener("pointerdown", unlock, { once: true });
    addEventListener("keydown", unlock, { once: true });
    return () => {
      removeEventListener("pointerdown", unlock);
      removeEventListener("keydown", unlock);
    };
  }, []);
  useEffect(() => {
    if (!ringing || !on) return;
    const stop = ring(() => setBlocked(true));
    return () => {
      stop();
      setBlocked(false);
    };
  }, [ringing, on]);
  useEffect(() => {
    if (!ringing) return;
    const before = document.title;
    document.title = `☎ ${t("desk.titleRinging")}: ${who}`;
    return () => {
      document.title = before;
    };
  }, [ringing, who, t]);

  const label = t(on ? "desk.soundOff" : "desk.soundOn");
  return (
    <>
      <span className="visually-hidden" role="status" aria-live="assertive">
        {ringing ? t("desk.ringingFrom", { who }) : ""}
      </span>
      {blocked ? (
        <Button size="compact-sm" variant="light" onClick={unlock}>
          {t("desk.soundBlocked")}
        </Button>
      ) : (
        <Tooltip label={label} openDelay={300}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-pressed={on}
            aria-label={label}
            onClick={() => setOn(!on)}
          >
            {on ? <BellIcon size={18} /> : <BellOffIcon size={18} />}
          </ActionIcon>
        </Tooltip>
      )}
    </>
  );
}
