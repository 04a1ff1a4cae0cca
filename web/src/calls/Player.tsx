import { type MouseEvent, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Audio } from "../api/client";
import { duration } from "../lib/format";
import css from "./Player.module.css";
import { bars, thin } from "./waveform";

const BARS = 240;

/** The browser's own player, with a waveform above it: the citizen up, the operator down. A click plays from there. */
export function Player({ audio }: { audio: Audio }) {
  const { t } = useTranslation();
  const player = useRef<HTMLAudioElement>(null);
  const [at, setAt] = useState(0);
  const { left, right } = audio.peaks;
  const stereo = right.length > 0;
  const width = Math.min(BARS, Math.max(left.length, right.length));
  const paths = useMemo(
    () => [bars(thin(left, BARS), 31, 30, -1), bars(thin(right, BARS), 33, 30, 1)] as const,
    [left, right],
  );
  if (!audio.available) return <p className="soft">{t("problem.audio_deleted")}</p>;
  const jump = (event: MouseEvent<HTMLButtonElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    if (!player.current || event.detail === 0) return;
    player.current.currentTime = ((event.clientX - box.left) / box.width) * audio.duration_s;
    void player.current.play();
  };
  return (
    <div className={css.player}>
      {width > 0 && (
        <button
          type="button"
          className={css.wave}
          tabIndex={-1}
          aria-label={t("calls.waveform", { time: duration(audio.duration_s) })}
          onClick={jump}
        >
          <svg viewBox={`0 0 ${width} 64`} preserveAspectRatio="none" aria-hidden="true">
            <path d={paths[0]} className={css.citizen} />
            {stereo && <path d={paths[1]} className={css.operator} />}
          </svg>
          <span
            className={css.head}
            style={{ left: `${audio.duration_s ? (100 * at) / audio.duration_s : 0}%` }}
          />
        </button>
      )}
      <div className={css.legend}>
        {stereo && <span className={css.citizenText}>▲ {t("calls.citizen")}</span>}
        {stereo && <span className={css.operatorText}>▼ {t("calls.operator")}</span>}
        <span className="soft tabular">{duration(audio.duration_s)}</span>
      </div>
      {/* biome-ignore lint/a11y/useMediaCaption: a telephone call has no captions */}
      <audio
        ref={player}
        controls
        preload="none"
        src={audio.url}
        onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
      />
    </div>
  );
}
