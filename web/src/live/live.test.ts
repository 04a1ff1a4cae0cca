import { describe, expect, it, vi } from "vitest";
import { keepOpen } from "./connection";
import { type Live, type Message, queuesOf, reduce, START, waiting } from "./reducer";
import { sseReader } from "./sse";
import type { Change, Picture, Pop, Queue } from "./types";

const caller = (linkedid: string, joined_at: string) => ({
  linkedid,
  number: "+84905•••456",
  reason: "report",
  language: "vi",
  position: 1,
  joined_at,
});
const queue = (name: string, ...waitingThere: Queue["waiting"]): Queue => ({
  name,
  waiting: waitingThere,
  members: 2,
  ready: 1,
});
const picture: Picture = {
  queues: { reports: queue("reports") },
  operators: {},
  stale_since: null,
  pop: null,
  me: "op1",
};
const pop = { linkedid: "a-1", state: "ringing" } as Pop;
const played = (...messages: Message[]): Live => messages.reduce(reduce, START);
const change = (one: Change): Message => ({ type: "change", change: one, at: 2 });

describe("reduce", () => {
  it("opens with the whole", () => {
    expect(played({ type: "state", picture, at: 1 })).toEqual({ link: "open", heardAt: 1, picture });
  });
  it("replaces one object and leaves the others alone", () => {
    const next = played(
      { type: "state", picture, at: 1 },
      change({ kind: "queue", key: "general", value: queue("general") }),
    );
    expect(Object.keys(next.picture?.queues ?? {})).toEqual(["reports", "general"]);
    expect(next.picture?.queues.reports).toBe(picture.queues.reports);
  });
  it("takes away what is null", () => {
    const next = played(
      { type: "state", picture, at: 1 },
      change({ kind: "queue", key: "reports", value: null }),
    );
    expect(next.picture?.queues).toEqual({});
  });
  it("shows and ends a pop", () => {
    const rung = played({ type: "state", picture, at: 1 }, change({ kind: "pop", key: "op1", value: pop }));
    expect(rung.picture?.pop).toEqual(pop);
    expect(reduce(rung, change({ kind: "pop", key: "op1", value: null })).picture?.pop).toBeNull();
  });
  it("keeps the last picture and its time when the link is lost", () => {
    const lost = played({ type: "state", picture, at: 1 }, { type: "heard", at: 5 }, { type: "lost" });
    expect(lost).toEqual({ link: "lost", heardAt: 5, picture });
  });
  it("knows when the exchange is silent, and when it is back", () => {
    const stale = played(
      { type: "state", picture, at: 1 },
      change({ kind: "link", key: "ami", value: { stale_since: "2026-11-24T08:00:00+07:00" } }),
    );
    expect(stale.picture?.stale_since).toBe("2026-11-24T08:00:00+07:00");
    expect(
      reduce(stale, change({ kind: "link", key: "ami", value: { stale_since: null } })).picture?.stale_since,
    ).toBeNull();
  });
  it("ignores changes before the whole, and kinds that it does not know", () => {
    expect(reduce(START, change({ kind: "pop", key: "op1", value: pop }))).toBe(START);
    const open = played({ type: "state", picture, at: 1 });
    const odd = change({ kind: "weather", key: "x", value: null } as unknown as Change);
    expect(reduce(open, odd).picture).toEqual(picture);
  });
});

describe("waiting", () => {
  it("has the longest wait first over all queues, in a fixed order", () => {
    const all: Picture = {
      ...picture,
      queues: {
        b: queue("b", caller("3", "2026-11-24T08:00:02+07:00"), caller("2", "2026-11-24T08:00:01+07:00")),
        a: queue("a", caller("1", "2026-11-24T01:00:01Z"), caller("0", "2026-11-24T01:00:00Z")),
      },
    };
    expect(waiting(all).map((one) => one.linkedid)).toEqual(["0", "1", "2", "3"]);
  });
});

describe("queuesOf", () => {
  it("has those that are not heard of as empty, and every one that is", () => {
    const all = {
      ...picture,
      queues: { odd: queue("odd"), reports: queue("reports", caller("1", "2026-11-24T08:00:00Z")) },
    };
    const shown = queuesOf(all, ["assistance", "reports"]);
    expect(shown.map((one) => [one.name, one.waiting.length])).toEqual([
      ["assistance", 0],
      ["reports", 1],
      ["odd", 0],
    ]);
  });
});

describe("sseReader", () => {
  const text = ': heartbeat\n\nevent: change\nid: 7\ndata: {"a":\ndata: 1}\n\ndata: plain\n\n';
  const whole = [
    { event: "change", id: "7", data: '{"a":\n1}' },
    { event: "message", id: "7", data: "plain" },
  ];
  it.each([1, 2, 3, 7, 1000])("reads pieces of %d characters alike", (size) => {
    for (const ends of ["\n", "\r\n", "\r"]) {
      const read = sseReader();
      const stream = `${text.replaceAll("\n", ends)}${ends === "\r" ? ":\r\r" : ""}`;
      const events = (stream.match(new RegExp(`[^]{1,${size}}`, "g")) ?? []).flatMap(read);
      expect(events).toEqual(whole);
    }
  });
  it("waits for the blank line", () => expect(sseReader()("data: half\n")).toEqual([]));
});

describe("keepOpen", () => {
  const stream = (...pieces: string[]) =>
    new Response(
      new ReadableStream({
        start(controller) {
          for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
          controller.close();
        },
      }),
    );

  it("resumes after the last change it saw, and stops when signed out", async () => {
    const asked: (string | null)[] = [];
    const answers = [
      () => stream(`event: state\nid: 41\ndata: ${JSON.stringify(picture)}\n\n`),
      () => stream('event: change\nid: 42\ndata: {"kind":"pop","key":"op1","value":null}\n\n'),
      () => new Response(null, { status: 503 }),
      () => new Response(null, { status: 401 }),
    ];
    const messages: Message["type"][] = [];
    await new Promise<void>((done) => {
      keepOpen({
        url: "/live",
        onMessage: (message) => messages.push(message.type),
        onSignedOut: done,
        fetch: vi.fn(async (_url, init) => {
          asked.push(new Headers(init?.headers).get("Last-Event-ID"));
          const answer = answers.shift();
          return answer ? answer() : new Response(null, { status: 401 });
        }) as unknown as typeof fetch,
      });
    });
    expect(asked).toEqual([null, "41", "42", "42"]);
    expect(messages).toEqual(["heard", "state", "lost", "heard", "change", "lost", "lost"]);
  });

  it("gives up a silent link and asks again", async () => {
    vi.useFakeTimers();
    try {
      let tries = 0;
      const lost = vi.fn();
      const stop = keepOpen({
        url: "/live",
        onMessage: (message) => message.type === "lost" && lost(),
        onSignedOut: () => {},
        fetch: ((_url: string, init: RequestInit) => {
          tries += 1;
          return new Promise((_, refuse) =>
            init.signal?.addEventListener("abort", () => refuse(new Error("aborted"))),
          );
        }) as typeof fetch,
      });
      await vi.advanceTimersByTimeAsync(24_000);
      expect(lost).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(2_000);
      expect(lost).toHaveBeenCalledOnce();
      expect(tries).toBe(2);
      stop();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(tries).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });
});
