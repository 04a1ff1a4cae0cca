import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { sessionQuery } from "../api/queries";
import { setAhead } from "../lib/now";
import { keepOpen } from "./connection";
import { type Live, type Message, reduce, START } from "./reducer";

class LiveStore {
  private live: Live = START;
  private readonly listeners = new Set<() => void>();

  readonly get = (): Live => this.live;
  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly apply = (message: Message): void => {
    this.live = reduce(this.live, message);
    for (const listener of this.listeners) listener();
  };
}

const Context = createContext<LiveStore | null>(null);

/** Holds the live picture for those who may see it; without the right nothing is asked for. */
export function LiveProvider({ allowed, children }: { allowed: boolean; children: ReactNode }) {
  const [store] = useState(() => new LiveStore());
  const queries = useQueryClient();
  useEffect(() => {
    if (!allowed) return;
    return keepOpen({
      url: "/api/v1/live",
      onMessage: store.apply,
      onSignedOut: () => void queries.invalidateQueries(sessionQuery),
      onClock: setAhead,
    });
  }, [allowed, store, queries]);
  return <Context value={store}>{children}</Context>;
}

/** A part of the live picture; `pick` gives the same value for the same picture. */
export function useLive<T>(pick: (live: Live) => T): T {
  const store = useContext(Context);
  if (!store) throw new Error("useLive outside of LiveProvider");
  return useSyncExternalStore(store.subscribe, () => pick(store.get()));
}

/** What is shown is old: the link to the server or the server's link to the exchange is down. */
export function isStale(live: Live): boolean {
  return live.link === "lost" || Boolean(live.picture?.stale_since);
}
