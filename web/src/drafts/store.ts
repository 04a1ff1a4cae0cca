/** The drafts of one operator on this computer: each change is kept at once, and other tabs follow. */

import { useSyncExternalStore } from "react";
import { type Drafts, NO_DRAFTS, parse } from "./model";

type Listener = () => void;

export interface DraftStore {
  get: () => Drafts;
  update: (change: (drafts: Drafts) => Drafts) => void;
  /** False once the browser refused to keep them. */
  keeps: () => boolean;
  subscribe: (listener: Listener) => Listener;
}

export function draftStore(login: string, storage: Storage | undefined = safeStorage()): DraftStore {
  const name = `hotline.drafts.${login}`;
  const listeners = new Set<Listener>();
  let keeps = storage !== undefined;
  let drafts = storage ? parse(storage.getItem(name)) : NO_DRAFTS;
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const follow = (event: StorageEvent) => {
    if (event.key !== name) return;
    const theirs = parse(event.newValue);
    // The other tab's choice of what is in front is not ours.
    drafts = {
      all: theirs.all,
      active: theirs.all.some((d) => d.id === drafts.active) ? drafts.active : theirs.active,
    };
    tell();
  };
  return {
    get: () => drafts,
    keeps: () => keeps,
    update: (change) => {
      const next = change(drafts);
      if (next === drafts) return;
      drafts = next;
      try {
        storage?.setItem(name, JSON.stringify(drafts));
        keeps = storage !== undefined;
      } catch {
        keeps = false;
      }
      tell();
    },
    subscribe: (listener) => {
      if (listeners.size === 0) globalThis.addEventListener?.("storage", follow);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) globalThis.removeEventListener?.("storage", follow);
      };
    },
  };
}

function safeStorage(): Storage | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

export function useDrafts(store: DraftStore): Drafts {
  return useSyncExternalStore(store.subscribe, store.get);
}
