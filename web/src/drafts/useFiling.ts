import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { body, client, Refused } from "../api/client";
import { filed, refused, sent, toSend } from "./model";
import { type DraftStore, useDrafts } from "./store";

const AGAIN_MS = 5000;

export interface Filing {
  /** The drafts that are on their way now. */
  busy: ReadonlySet<string>;
  /** Why the last try of a draft was refused. */
  refusals: Readonly<Record<string, Refused>>;
  file: (id: string) => void;
}

/** Files drafts, each once: while the answer is unknown the same body goes again under the same key. */
export function useFiling(store: DraftStore): Filing {
  const queries = useQueryClient();
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set());
  const [refusals, setRefusals] = useState<Record<string, Refused>>({});
  const running = useRef(new Set<string>());

  const file = useCallback(
    async (id: string) => {
      const draft = store.get().all.find((one) => one.id === id);
      if (!draft || draft.code || running.current.has(id)) return;
      running.current.add(id);
      setBusy(new Set(running.current));
      const asked = toSend(draft);
      store.update((drafts) => sent(drafts, id, asked));
      try {
        const headers = { "idempotency-key": draft.key };
        const ticket = await body(
          client.POST("/api/v1/tickets", { params: { header: headers }, body: asked }),
        );
        store.update((drafts) => filed(drafts, id, ticket.code));
        setRefusals(({ [id]: _, ...others }) => others);
        void queries.invalidateQueries({ queryKey: ["tickets"] });
        void queries.invalidateQueries({ queryKey: ["context"] });
      } catch (error) {
        const refusal = error instanceof Refused ? error : new Refused("unreachable", 0, String(error));
        if (!refusal.unknown) store.update((drafts) => refused(drafts, id));
        setRefusals((all) => ({ ...all, [id]: refusal }));
      } finally {
        running.current.delete(id);
        setBusy(new Set(running.current));
      }
    },
    [store, queries],
  );

  const waiting = useDrafts(store)
    .all.filter((draft) => draft.sent && !draft.code && !busy.has(draft.id))
    .map((draft) => draft.id)
    .join(" ");
  useEffect(() => {
    if (waiting === "") return;
    const again = () => {
      for (const id of waiting.split(" ")) void file(id);
    };
    const timer = setTimeout(again, AGAIN_MS);
    addEventListener("online", again);
    return () => {
      clearTimeout(timer);
      removeEventListener("online", again);
    };
  }, [waiting, file]);

  return { busy, refusals, file: (id) => void file(id) };
}
