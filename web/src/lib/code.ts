/** Ticket codes: nine digits, the last of them Damm's check digit (572 → 4). */

const TABLE = [
  "0317598642",
  "7092154863",
  "4206871359",
  "1750983426",
  "6123045978",
  "3674209581",
  "5869720134",
  "8945362017",
  "9438617205",
  "2581436790",
];

export function damm(digits: string): number {
  return [...digits].reduce((interim, digit) => Number(TABLE[interim]?.[Number(digit)]), 0);
}

export type CodeReading = { ok: true; code: string } | { ok: false; why: "letters" | "length" | "check" };

/** A code as somebody typed it: blanks, dots and hyphens are left out. */
export function readCode(text: string): CodeReading {
  const digits = text.normalize("NFKC").replace(/[\s.\-–‐·]/g, "");
  if (!/^\d*$/.test(digits)) return { ok: false, why: "letters" };
  if (digits.length !== 9) return { ok: false, why: "length" };
  return damm(digits) === 0 ? { ok: true, code: digits } : { ok: false, why: "check" };
}
