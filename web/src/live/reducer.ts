/** The picture of the floor, moved on by one message at a time. Pure. */

import type { Change, Picture, Queue, WaitingCaller } from "./types";

export type Link = "connecting" | "open" | "lost";

export interface Live {
  link: Link;
  /** When the last byte came, ms since the epoch: how old the picture is once the link is lost. */
  heardAt: number | null;
  picture: Picture | null;
}

export const START: Live = { link: "connecting", heardAt: null, picture: null };

export type Message =
  | { type: "state"; picture: Picture; at: number }
  | { type: "change"; change: Change; at: number }
  | { type: "heard"; at: number }
  | { type: "lost" };

export function reduce(live: Live, message: Message): Live {
  switch (message.type) {
    case "state":
      return { link: "open", heardAt: message.at, picture: message.picture };
    case "heard":
      return { ...live, link: live.picture ? "open" : live.link, heardAt: message.at };
    case "lost":
      return { ...live, link: "lost" };
    case "change":
      if (!live.picture) return live;
      return { link: "open", heardAt: message.at, picture: applied(live.picture, message.change) };
  }
}

function applied(picture: Picture, change: Change): Picture {
  switch (change.kind) {
    case "queue":
      return { ...picture, queues: put(picture.queues, change.key, change.value) };
    case "operator":
      return { ...picture, operators: put(picture.operators, change.key, change.value) };
    case "pop":
      return { ...picture, pop: change.value };
    case "link":
      return { ...picture, stale_since: change.value?.stale_since ?? null };
    default:
      // A newer server may tell of things that this page does not know yet.
      return picture;
  }
}

function put<T>(all: Record<string, T>, key: string, value: T | null): Record<string, T> {
  const next = { ...all };
  if (value === null) delete next[key];
  else next[key] = value;
  return next;
}

/** The live queues, and those that the exchange has not told of yet as empty ones; in the order of `names`. */
export function queuesOf(picture: Picture, names: readonly string[]): Queue[] {
  const others = Object.keys(picture.queues).filter((name) => !names.includes(name));
  return [...names, ...others].map(
    (name) => picture.queues[name] ?? { name, waiting: [], members: 0, ready: 0 },
  );
}

export interface Waiting extends WaitingCaller {
  queue: string;
}

/** Everybody who waits, the longest wait first; equal times keep a fixed order, so that rows never swap. */
export function waiting(picture: Picture): Waiting[] {
  return Object.values(picture.queues)
    .flatMap((queue) => queue.waiting.map((caller) => ({ ...caller, queue: queue.name })))
    .sort(
      (a, b) =>
        Date.parse(a.joined_at) - Date.parse(b.joined_at) || a.linkedid.localeCompare(b.linkedid, "en"),
    );
}
