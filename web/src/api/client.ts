/** The one door to the server. Types come from its OpenAPI: `npm run client`. */

import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

type Schemas = components["schemas"];
export type Session = Schemas["SessionOut"];
export type Right = Session["rights"][number];
export type TicketBrief = Schemas["TicketBrief"];
export type Ticket = Schemas["TicketOut"];
export type TicketIn = Schemas["TicketIn"];
export type Note = Schemas["NoteOut"];
export type CallBrief = Schemas["CallOut"];
export type Call = Schemas["CallDetail"];
export type CallContext = Schemas["CallContext"];
export type Category = Schemas["Category"];
export type Audio = Schemas["AudioOut"];
export type QueueNow = Schemas["QueueOut"];

/** `fetch` is looked up at each call, so that one may be put in its place. */
export const client = createClient<paths>({ baseUrl: "", fetch: (request) => fetch(request) });

/** A refusal of the server, by its stable `code`; `unreachable` when there was no answer at all. */
export class Refused extends Error {
  readonly code: string;
  readonly status: number;
  readonly field: string | undefined;
  readonly retryAfterS: number | undefined;

  constructor(code: string, status: number, detail: string, field?: string, retryAfterS?: number) {
    super(detail);
    this.code = code;
    this.status = status;
    this.field = field;
    this.retryAfterS = retryAfterS;
  }

  /** Nobody knows whether the server carried it out: it may be asked again, with the same key. */
  get unknown(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a good answer; a bad one or none is thrown as `Refused`. */
export async function body<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch (error) {
    throw new Refused("unreachable", 0, String(error));
  }
  const { data, error, response } = answer;
  if (response.ok) return data as T;
  const problem = (typeof error === "object" && error ? error : {}) as Partial<Schemas["Problem"]>;
  const retry = Number(response.headers.get("Retry-After"));
  throw new Refused(
    problem.code ?? (response.status >= 500 ? "unreachable" : "error"),
    response.status,
    problem.detail ?? response.statusText,
    problem.field ?? undefined,
    Number.isFinite(retry) && retry > 0 ? retry : undefined,
  );
}
