/** One ticking clock for the whole page, in the server's time. */

import { useSyncExternalStore } from "react";

let ahead = 0;
let second = Math.floor(Date.now() / 1000);
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

/** How far the server is ahead, in ms. Its Date header has whole seconds: less than 2 s is no difference. */
export function setAhead(ms: number): void {
  ahead = Math.abs(ms) < 2000 ? 0 : ms;
}

export function serverNow(): number {
  return Date.now() + ahead;
}

function tick() {
  second = Math.floor(serverNow() / 1000);
  for (const listener of listeners) listener();
  timer = setTimeout(tick, 1000 - (serverNow() % 1000));
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  if (timer === undefined) tick();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearTimeout(timer);
      timer = undefined;
    }
  };
}

/** The server's time in ms, moved on each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => second) * 1000;
}

/** Whole seconds since `iso`, growing; 0 without a time. */
export function useSecondsSince(iso: string | null): number {
  const now = useNow();
  return iso ? Math.max(0, Math.floor(now / 1000) - Math.floor(Date.parse(iso) / 1000)) : 0;
}
