import { expect, it } from "vitest";
import { en } from "./en";
import { vi } from "./vi";

const flat = (texts: object, before = ""): [string, string][] =>
  Object.entries(texts).flatMap(([key, text]) =>
    typeof text === "string" ? [[before + key, text] as [string, string]] : flat(text, `${before}${key}.`),
  );
const names = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map((found) => found[1]).sort();

it("says the same things in both languages", () => {
  const english = new Map(flat(en));
  const vietnamese = flat(vi);
  expect([...english.keys()].sort()).toEqual(vietnamese.map(([key]) => key).sort());
  for (const [key, text] of vietnamese)
    expect([key, names(english.get(key) ?? "")]).toEqual([key, names(text)]);
});

it("is composed Vietnamese, without exclamation marks", () => {
  for (const [key, text] of [...flat(vi), ...flat(en)]) {
    expect([key, text]).toEqual([key, text.normalize("NFC")]);
    expect([key, text.includes("!")]).toEqual([key, false]);
  }
});
