/** What pages read, each with the key under which it is kept. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { body, client } from "./client";

const PAGE = 50;

export interface TicketFilter {
  state?: string;
  category?: string;
  phone?: string;
  text?: string;
  from?: string;
  to?: string;
}

export interface CallFilter {
  outcome?:
    | "answered"
    | "abandoned"
    | "self_served"
    | "ivr_hangup"
    | "message_left"
    | "callback_requested"
    | "rejected"
    | "failed";
  queue?: string;
  operator?: string;
  caller?: string;
  from?: string;
  to?: string;
}

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: () => body(client.GET("/api/v1/session")),
  staleTime: Number.POSITIVE_INFINITY,
});

export const categoriesQuery = queryOptions({
  queryKey: ["categories"],
  queryFn: () => body(client.GET("/api/v1/categories")),
  staleTime: Number.POSITIVE_INFINITY,
});

export const queuesQuery = queryOptions({
  queryKey: ["queues"],
  queryFn: () => body(client.GET("/api/v1/queues")),
  staleTime: 20_000,
});

export const ticketsQuery = (filter: TicketFilter) =>
  infiniteQueryOptions({
    queryKey: ["tickets", filter],
    queryFn: ({ pageParam }) =>
      body(
        client.GET("/api/v1/tickets", { params: { query: { ...filter, limit: PAGE, cursor: pageParam } } }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: keepPreviousData,
  });

export const ticketQuery = (code: string) =>
  queryOptions({
    queryKey: ["ticket", code],
    queryFn: () => body(client.GET("/api/v1/tickets/{code}", { params: { path: { code } } })),
  });

export const callsQuery = (filter: CallFilter) =>
  infiniteQueryOptions({
    queryKey: ["calls", filter],
    queryFn: ({ pageParam }) =>
      body(client.GET("/api/v1/calls", { params: { query: { ...filter, limit: PAGE, cursor: pageParam } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: keepPreviousData,
  });

export const callQuery = (linkedid: string) =>
  queryOptions({
    queryKey: ["call", linkedid],
    queryFn: () => body(client.GET("/api/v1/calls/{linkedid}", { params: { path: { linkedid } } })),
  });

export const contextQuery = (linkedid: string) =>
  queryOptions({
    queryKey: ["context", linkedid],
    queryFn: () => body(client.GET("/api/v1/calls/{linkedid}/context", { params: { path: { linkedid } } })),
    staleTime: 60_000,
    placeholderData: undefined,
  });

/** My calls of today: how many I answered and how long I talked. */
export const myDayQuery = (login: string, from: string) =>
  queryOptions({
    queryKey: ["calls", "mine", login, from],
    queryFn: () =>
      body(
        client.GET("/api/v1/calls", {
          params: { query: { operator: login, outcome: "answered", from, limit: 200 } },
        }),
      ),
    staleTime: 30_000,
  });
