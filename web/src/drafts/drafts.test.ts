import { describe, expect, it } from "vitest";
import {
  type Caller,
  type Drafts,
  drop,
  filed,
  NO_DRAFTS,
  open,
  parse,
  prefill,
  refused,
  restore,
  sent,
  toSend,
  write,
} from "./model";
import { draftStore } from "./store";

let made = 0;
const makeId = () => `id${++made}`;
const call = (linkedid: string): Caller => ({ linkedid, number: "+84905123456", phone: "0905 123 456" });
const opened = (drafts: Drafts, linkedid: string) => open(drafts, call(linkedid), 1, makeId);
const front = (drafts: Drafts) => drafts.all.find((draft) => draft.id === drafts.active);
const id = (drafts: Drafts) => front(drafts)?.id ?? "";

describe("drafts", () => {
  it("open once per call, with the caller's number", () => {
    const drafts = opened(NO_DRAFTS, "a");
    expect(opened(drafts, "a")).toBe(drafts);
    expect(front(drafts)?.fields.citizen_phone).toBe("0905 123 456");
  });
  it("leave a half-written ticket in front when the next call comes", () => {
    const first = opened(NO_DRAFTS, "a");
    const writing = write(first, id(first), { content: "Đèn đường" });
    const next = opened(writing, "b");
    expect(front(next)?.linkedid).toBe("a");
    expect(next.all.map((draft) => draft.linkedid)).toEqual(["a", "b"]);
    expect(front(next)?.fields.content).toBe("Đèn đường");
  });
  it("make room for the next call when nothing was written", () => {
    const next = opened(opened(NO_DRAFTS, "a"), "b");
    expect(next.all.map((draft) => draft.linkedid)).toEqual(["b"]);
  });
  it("go to the front when filed one was there, which stays to be read out", () => {
    const first = opened(NO_DRAFTS, "a");
    const next = opened(filed(first, id(first), "264810935"), "b");
    expect(front(next)?.linkedid).toBe("b");
    expect(next.all).toHaveLength(2);
  });
  it("are sent under one key, always with the same content", () => {
    let drafts = opened(NO_DRAFTS, "a");
    drafts = write(drafts, id(drafts), { content: "  Đie\u0323\u0302n  " });
    const draft = front(drafts);
    if (!draft) throw new Error("no draft");
    const body = toSend(draft);
    expect(body).toMatchObject({ content: "Điện", linkedid: "a", public: false });
    drafts = sent(drafts, draft.id, body);
    drafts = write(drafts, draft.id, { content: "other" });
    drafts = prefill(drafts, draft.id, { citizen_name: "Lê" });
    const kept = front(drafts);
    expect(kept && toSend(kept)).toEqual(body);
    expect(kept?.key).toBe(draft.key);
  });
  it("can be corrected once the server said no", () => {
    let drafts = opened(NO_DRAFTS, "a");
    const draft = front(drafts);
    if (!draft) throw new Error("no draft");
    drafts = refused(sent(drafts, draft.id, toSend(draft)), draft.id);
    drafts = write(drafts, draft.id, { content: "corrected" });
    expect(front(drafts)?.fields.content).toBe("corrected");
  });
  it("are filled in only where nothing was written", () => {
    let drafts = opened(NO_DRAFTS, "a");
    drafts = write(drafts, id(drafts), { citizen_name: "Lê Văn An" });
    expect(prefill(drafts, id(drafts), { citizen_name: "Trần" })).toEqual(drafts);
  });
  it("come back after being discarded", () => {
    const drafts = write(opened(NO_DRAFTS, "a"), `id${made}`, { content: "x" });
    const gone = front(drafts);
    if (!gone) throw new Error("no draft");
    const without = drop(drafts, gone.id);
    expect(without).toEqual(NO_DRAFTS);
    expect(restore(without, gone)).toEqual(drafts);
  });
});

describe("parse", () => {
  it.each([null, "", "{", "[]", "{}", '{"all":[null,{}],"active":"x"}'])("makes nothing of %s", (text) =>
    expect(parse(text)).toEqual(NO_DRAFTS),
  );
  it("gives back what was kept", () => {
    const drafts = opened(NO_DRAFTS, "a");
    expect(parse(JSON.stringify(drafts))).toEqual(drafts);
  });
});

describe("draftStore", () => {
  const memory = () => {
    const kept = new Map<string, string>();
    return {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => kept.set(key, text),
    };
  };
  it("keeps each change, for this operator only", () => {
    const storage = memory() as unknown as Storage;
    draftStore("op1", storage).update((drafts) => opened(drafts, "a"));
    expect(draftStore("op1", storage).get().all).toHaveLength(1);
    expect(draftStore("op2", storage).get().all).toHaveLength(0);
  });
  it("goes on, and says so, when the browser keeps nothing", () => {
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new Error("quota");
      },
    };
    const store = draftStore("op1", full as unknown as Storage);
    store.update((drafts) => opened(drafts, "a"));
    expect(store.get().all).toHaveLength(1);
    expect(store.keeps()).toBe(false);
  });
});
