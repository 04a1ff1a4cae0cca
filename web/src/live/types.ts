/** What `/api/v1/live` sends; times are ISO 8601 with offset. */

export type OperatorStateName = "ready" | "ringing" | "talking" | "on_hold" | "wrapup" | "paused" | "offline";

export interface WaitingCaller {
  linkedid: string;
  /** Masked; "" when withheld. */
  number: string;
  reason: string;
  language: string;
  position: number;
  joined_at: string;
}

export interface Queue {
  name: string;
  waiting: WaitingCaller[];
  members: number;
  ready: number;
}

export interface Operator {
  login: string;
  name: string;
  state: OperatorStateName;
  since: string | null;
  reason: string;
  phone: "desk" | "browser" | null;
  linkedid: string | null;
  queues: string[];
}

export interface Pop {
  linkedid: string;
  /** E.164, or "" when withheld. */
  number: string;
  number_shown: string;
  language: string;
  reason: string;
  queue: string;
  joined_at: string | null;
  rung_at: string;
  connected_at: string | null;
  ended_at: string | null;
  state: "ringing" | "talking" | "wrapup";
}

export interface Picture {
  queues: Record<string, Queue>;
  operators: Record<string, Operator>;
  stale_since: string | null;
  pop: Pop | null;
  me: string;
}

export type Change =
  | { kind: "queue"; key: string; value: Queue | null }
  | { kind: "operator"; key: string; value: Operator | null }
  | { kind: "pop"; key: string; value: Pop | null }
  | { kind: "link"; key: string; value: { stale_since: string | null } | null };
