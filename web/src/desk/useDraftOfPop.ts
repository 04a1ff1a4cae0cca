import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { contextQuery } from "../api/queries";
import { drop, open, prefill, unfinished } from "../drafts/model";
import type { DraftStore } from "../drafts/store";
import { phone } from "../lib/format";
import { newId } from "../lib/id";
import { serverNow } from "../lib/now";
import { useLive } from "../live/store";

/** Each call on the desk has its draft; one that only rang, and in which nothing was written, goes with it. */
export function useDraftOfPop(store: DraftStore): void {
  const pop = useLive((live) => live.picture?.pop ?? null);
  const linkedid = pop?.linkedid ?? null;
  const number = pop?.number ?? "";
  const rangOnly = useRef<string | null>(null);
  const context = useQuery({ ...contextQuery(linkedid ?? ""), enabled: linkedid !== null, retry: 4 });
  const name = context.data?.caller.name ?? "";

  useEffect(() => {
    const rang = rangOnly.current;
    if (rang && rang !== linkedid)
      store.update((drafts) => {
        const stray = drafts.all.find((draft) => draft.linkedid === rang);
        return stray && !unfinished(stray) && !stray.code ? drop(drafts, stray.id) : drafts;
      });
    if (linkedid)
      store.update((drafts) => open(drafts, { linkedid, number, phone: phone(number) }, serverNow(), newId));
  }, [store, linkedid, number]);
  useEffect(() => {
    rangOnly.current = pop?.state === "ringing" ? linkedid : null;
  }, [pop?.state, linkedid]);
  useEffect(() => {
    if (!linkedid || !name) return;
    store.update((drafts) => {
      const draft = drafts.all.find((one) => one.linkedid === linkedid);
      return draft ? prefill(drafts, draft.id, { citizen_name: name }) : drafts;
    });
  }, [store, linkedid, name]);
}
