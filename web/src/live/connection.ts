/** Keeps one stream to `/api/v1/live` open: resumes where it was, notices silence, never gives up. */

import type { Message } from "./reducer";
import { type ServerEvent, sseReader } from "./sse";
import type { Change, Picture } from "./types";

/** The server's heartbeat comes at most 15 s apart. */
const SILENCE_MS = 25_000;
const PAUSES_MS = [300, 1000, 2000, 4000];

export interface Options {
  url: string;
  onMessage: (message: Message) => void;
  /** The session has ended: there is nothing to reconnect for. */
  onSignedOut: () => void;
  /** How far the server's clock is ahead of ours, in ms. */
  onClock?: (aheadMs: number) => void;
  fetch?: typeof fetch;
}

export function keepOpen({ url, onMessage, onSignedOut, onClock, fetch: get = fetch }: Options): () => void {
  let stopped = false;
  let lastId = "";
  let failures = 0;
  let abort = new AbortController();
  let wake: () => void = () => {};

  const take = (event: ServerEvent) => {
    if (event.id) lastId = event.id;
    const at = Date.now();
    if (event.event === "state") onMessage({ type: "state", picture: JSON.parse(event.data) as Picture, at });
    else if (event.event === "change")
      onMessage({ type: "change", change: JSON.parse(event.data) as Change, at });
  };

  async function listen(): Promise<"ended" | "signed_out"> {
    abort = new AbortController();
    let watch = setTimeout(() => abort.abort(), SILENCE_MS);
    try {
      const headers: Record<string, string> = { Accept: "text/event-stream" };
      if (lastId) headers["Last-Event-ID"] = lastId;
      const answer = await get(url, { headers, signal: abort.signal, cache: "no-store" });
      if (answer.status === 401) return "signed_out";
      if (!answer.ok || !answer.body) throw new Error(`live stream: ${answer.status}`);
      const date = Date.parse(answer.headers.get("Date") ?? "");
      if (!Number.isNaN(date)) onClock?.(date - Date.now());
      const read = sseReader();
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return "ended";
        clearTimeout(watch);
        watch = setTimeout(() => abort.abort(), SILENCE_MS);
        failures = 0;
        onMessage({ type: "heard", at: Date.now() });
        for (const event of read(value)) take(event);
      }
    } finally {
      clearTimeout(watch);
    }
  }

  async function run() {
    while (!stopped) {
      const ended = await listen().catch(() => "ended" as const);
      if (stopped) return;
      if (ended === "signed_out") return onSignedOut();
      onMessage({ type: "lost" });
      const pause = PAUSES_MS[Math.min(failures++, PAUSES_MS.length - 1)] ?? 4000;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pause * (0.75 + Math.random() / 2));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  const online = () => wake();
  globalThis.addEventListener?.("online", online);
  void run();
  return () => {
    stopped = true;
    globalThis.removeEventListener?.("online", online);
    abort.abort();
    wake();
  };
}
