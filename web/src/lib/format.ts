/** How numbers, times and codes are shown. Pure; the zone is the browser's. */

export type Lang = "vi" | "en";

/** `+84905123456` → `0905 123 456`; masked digits (`*`, `•`, `x`) keep their places; "" stays "". */
export function phone(e164: string): string {
  const local = e164.startsWith("+84") ? `0${e164.slice(3)}` : e164;
  if (local.startsWith("+")) return local.replace(/^(\+\d{1,2})(.{2,4}?)(.{3})(.{3,})$/, "$1 $2 $3 $4");
  if (local.length === 10) return `${local.slice(0, 4)} ${local.slice(4, 7)} ${local.slice(7)}`;
  if (local.length === 11) return `${local.slice(0, 4)} ${local.slice(4, 8)} ${local.slice(8)}`;
  return local;
}

/** `264810935` → `26 481093 5`. */
export function ticketCode(code: string): string {
  return code.length === 9 ? `${code.slice(0, 2)} ${code.slice(2, 8)} ${code.slice(8)}` : code;
}

/** Seconds as `mm:ss`, from an hour on `h:mm:ss`; never negative. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const rest = `${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

const two = (value: number) => String(value).padStart(2, "0");

/** `dd/MM/yyyy HH:mm`, 24 hours, in either language. */
export function dateTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  return `${date(iso)} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function date(iso: string): string {
  const at = new Date(iso);
  return `${two(at.getDate())}/${two(at.getMonth() + 1)}/${at.getFullYear()}`;
}

/** A day as somebody wrote it, `24/11/2026` or `24.11.26`, as `2026-11-24`; null when there is no such day. */
export function isoDay(text: string): string | null {
  const parts = /^\s*(\d{1,2})[/.\-\s](\d{1,2})[/.\-\s](\d{4}|\d{2})\s*$/.exec(text);
  if (!parts) return null;
  const [day, month, year] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const at = new Date(year < 100 ? 2000 + year : year, month - 1, day);
  return at.getMonth() === month - 1 && at.getDate() === day ? localDay(at) : null;
}

/** The day of a time, here, as filters have it: `2026-11-24`. */
export function localDay(at: Date): string {
  return `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** `HH:mm:ss`. */
export function clock(ms: number): string {
  const at = new Date(ms);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** A whole number, with a dot for thousands in Vietnamese and a comma in English. */
export function count(value: number, lang: Lang): string {
  return String(Math.trunc(value)).replace(/\B(?=(\d{3})+(?!\d))/g, lang === "vi" ? "." : ",");
}

/** Start of this day, `days` ago, as an ISO time. */
export function dayStart(now: number, days = 0): string {
  const at = new Date(now);
  at.setHours(0, 0, 0, 0);
  at.setDate(at.getDate() - days);
  return at.toISOString();
}

/** What is kept and sent is NFC without blanks around. Never call it on a field that is being composed in. */
export function tidy(text: string): string {
  return text.normalize("NFC").trim();
}
