/** The page's own ringing: a soft two-part tone made by Web Audio, every three seconds. No file is fetched. */

const EVERY_MS = 3000;

let context: AudioContext | undefined;

function audio(): AudioContext | undefined {
  if (typeof AudioContext === "undefined") return undefined;
  context ??= new AudioContext();
  return context;
}

function chime(on: AudioContext): void {
  for (const [pitch, start] of [
    [660, 0],
    [880, 0.22],
  ] as const) {
    const tone = on.createOscillator();
    const loudness = on.createGain();
    const at = on.currentTime + start;
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, at);
    loudness.gain.exponentialRampToValueAtTime(0.12, at + 0.03);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.5);
    tone.connect(loudness).connect(on.destination);
    tone.start(at);
    tone.stop(at + 0.55);
  }
}

/** Rings until the returned function is called; `onBlocked` when the browser wants a click first. */
export function ring(onBlocked: () => void): () => void {
  const on = audio();
  if (!on) return () => {};
  const once = () => {
    if (on.state === "running") chime(on);
    else void on.resume().then(() => on.state === "running" && chime(on));
  };
  once();
  const blocked = setTimeout(() => on.state !== "running" && onBlocked(), 400);
  const timer = setInterval(once, EVERY_MS);
  return () => {
    clearTimeout(blocked);
    clearInterval(timer);
  };
}

/** To be called from a click or key: browsers allow sound only after one. */
export function unlock(): void {
  void audio()?.resume();
}
