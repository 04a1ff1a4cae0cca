/** A reader of Server-Sent Events text, fed piece by piece. Pure.
 *
 * The browser's own EventSource hides heartbeats and gives up for good on an HTTP error, so that a dead link would
 * look alive and a restarted server would never be found again.
 */

export interface ServerEvent {
  event: string;
  id: string;
  data: string;
}

/** Returns a function that takes a piece of the stream and gives the events completed by it. */
export function sseReader(): (piece: string) => ServerEvent[] {
  let rest = "";
  let event = "";
  let id = "";
  let data: string[] = [];
  return (piece) => {
    const done: ServerEvent[] = [];
    rest += piece;
    // A "\r" at the very end may be half of "\r\n": it waits for the next piece.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) done.push({ event: event || "message", id, data: data.join("\n") });
        event = "";
        data = [];
        continue;
      }
      const colon = line.indexOf(":");
      if (colon === 0) continue;
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "event") event = value;
      else if (field === "data") data.push(value);
      else if (field === "id" && !value.includes("\0")) id = value;
    }
    return done;
  };
}
