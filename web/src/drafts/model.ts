/** Unfinished tickets, one per call, kept until they are filed or discarded. Pure. */

import type { TicketIn } from "../api/client";
import { tidy } from "../lib/format";

export interface Fields {
  title: string;
  category: string;
  area: string;
  address: string;
  content: string;
  citizen_name: string;
  citizen_phone: string;
  public: boolean;
}

export interface Draft {
  id: string;
  /** The Idempotency-Key: made once, sent with every try. */
  key: string;
  linkedid: string | null;
  /** The caller's number in E.164, "" when withheld or without a call. */
  number: string;
  openedAt: number;
  fields: Fields;
  /** The operator has typed in it. */
  touched: boolean;
  /** Sent, answer unknown: from here on it may only be sent again exactly so. */
  sent: TicketIn | null;
  /** Its ticket's code, once filed. */
  code: string | null;
}

export interface Drafts {
  all: Draft[];
  active: string | null;
}

export const NO_DRAFTS: Drafts = { all: [], active: null };

const EMPTY: Fields = {
  title: "",
  category: "",
  area: "",
  address: "",
  content: "",
  citizen_name: "",
  citizen_phone: "",
  public: false,
};

export interface Caller {
  linkedid: string | null;
  number: string;
  phone: string;
}

/** A draft for this call. It comes to the front unless somebody is writing another; unwritten ones make room. */
export function open(drafts: Drafts, caller: Caller, now: number, makeId: () => string): Drafts {
  const there = caller.linkedid && drafts.all.find((draft) => draft.linkedid === caller.linkedid);
  if (there) return drafts;
  const front = drafts.all.find((draft) => draft.id === drafts.active);
  const busy = front !== undefined && unfinished(front);
  const draft: Draft = {
    id: makeId(),
    key: makeId(),
    linkedid: caller.linkedid,
    number: caller.number,
    openedAt: now,
    fields: { ...EMPTY, citizen_phone: caller.phone },
    touched: false,
    sent: null,
    code: null,
  };
  // A filed one in front stays: its code may still have to be read out.
  const kept = drafts.all.filter((old) => unfinished(old) || (old.code !== null && old.id === drafts.active));
  const aside = busy && caller.linkedid !== null;
  return { all: [...kept, draft], active: aside ? drafts.active : draft.id };
}

export function unfinished(draft: Draft): boolean {
  return draft.code === null && (draft.touched || draft.sent !== null);
}

export function write(drafts: Drafts, id: string, change: Partial<Fields>): Drafts {
  return edit(drafts, id, (draft) =>
    draft.sent || draft.code ? draft : { ...draft, touched: true, fields: { ...draft.fields, ...change } },
  );
}

/** Fills in what is known of the caller, where nothing was written. */
export function prefill(drafts: Drafts, id: string, known: Partial<Fields>): Drafts {
  return edit(drafts, id, (draft) => {
    if (draft.sent || draft.code) return draft;
    const fresh = Object.entries(known).filter(
      ([name, value]) => value && !draft.fields[name as keyof Fields],
    );
    return fresh.length === 0
      ? draft
      : { ...draft, fields: { ...draft.fields, ...Object.fromEntries(fresh) } };
  });
}

/** What is sent for this draft: the same as before once it was sent, so that one key never has two contents. */
export function toSend(draft: Draft): TicketIn {
  if (draft.sent) return draft.sent;
  const { public: isPublic, ...texts } = draft.fields;
  const tidied = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, tidy(text)]));
  return { ...(tidied as Omit<Fields, "public">), public: isPublic, linkedid: draft.linkedid };
}

export function sent(drafts: Drafts, id: string, body: TicketIn): Drafts {
  return edit(drafts, id, (draft) => (draft.code ? draft : { ...draft, sent: body }));
}

/** The server said no: nothing was made, so it may be corrected. */
export function refused(drafts: Drafts, id: string): Drafts {
  return edit(drafts, id, (draft) => ({ ...draft, sent: null }));
}

export function filed(drafts: Drafts, id: string, code: string): Drafts {
  return edit(drafts, id, (draft) => ({ ...draft, sent: null, code }));
}

export function show(drafts: Drafts, id: string): Drafts {
  return drafts.all.some((draft) => draft.id === id) ? { ...drafts, active: id } : drafts;
}

export function drop(drafts: Drafts, id: string): Drafts {
  const all = drafts.all.filter((draft) => draft.id !== id);
  const active = drafts.active === id ? (all.at(-1)?.id ?? null) : drafts.active;
  return { all, active };
}

/** Undo of `drop`. */
export function restore(drafts: Drafts, draft: Draft): Drafts {
  if (drafts.all.some((other) => other.id === draft.id)) return drafts;
  return { all: [...drafts.all, draft].sort((a, b) => a.openedAt - b.openedAt), active: draft.id };
}

function edit(drafts: Drafts, id: string, change: (draft: Draft) => Draft): Drafts {
  return { ...drafts, all: drafts.all.map((draft) => (draft.id === id ? change(draft) : draft)) };
}

/** What was kept, or nothing when it cannot be understood. */
export function parse(text: string | null): Drafts {
  if (!text) return NO_DRAFTS;
  try {
    const kept = JSON.parse(text) as Partial<Drafts>;
    if (!Array.isArray(kept.all)) return NO_DRAFTS;
    const all = kept.all.filter((draft) => draft?.id && draft.key && draft.fields);
    const whole = all.map((draft) => ({ ...draft, fields: { ...EMPTY, ...draft.fields } }));
    return {
      all: whole,
      active: whole.some((draft) => draft.id === kept.active) ? (kept.active ?? null) : null,
    };
  } catch {
    return NO_DRAFTS;
  }
}
