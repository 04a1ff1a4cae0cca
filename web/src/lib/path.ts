import type { CallContext } from "../api/client";
import type { Lang } from "./format";

type Visit = CallContext["menu_path"][number];

/** A caller's way through the menu in words: `Menu chính [1] › Phản ánh sự cố`. What is played to everybody before the
 * first key is left out, and repetitions are counted. */
export function menuWords(visits: readonly Visit[], lang: Lang): string {
  const first = visits.findIndex((visit) => visit.key !== "");
  const words: { text: string; times: number }[] = [];
  for (const visit of visits.slice(Math.max(first, 0))) {
    const label = lang === "vi" ? visit.label_vi : visit.label_en;
    const text = visit.key ? `${label} [${visit.key}]` : label;
    const last = words.at(-1);
    if (last?.text === text) last.times += 1;
    else words.push({ text, times: 1 });
  }
  return words.map(({ text, times }) => (times > 1 ? `${text} ×${times}` : text)).join(" › ");
}
