/** Thins loudness out to at most `bars` values, each the loudest of its stretch. Pure. */
export function thin(values: readonly number[], bars: number): number[] {
  if (values.length <= bars) return [...values];
  return Array.from({ length: bars }, (_, bar) => {
    const from = Math.floor((bar * values.length) / bars);
    const to = Math.floor(((bar + 1) * values.length) / bars);
    return values.slice(from, Math.max(to, from + 1)).reduce((most, value) => Math.max(most, value), 0);
  });
}

/** An SVG path of bars up (`direction` -1) or down (1) from the middle at `middle`, each `height` high at 100. */
export function bars(values: readonly number[], middle: number, height: number, direction: 1 | -1): string {
  return values
    .map(
      (value, index) =>
        `M${index + 0.5} ${middle}v${(direction * Math.max(0.6, (value / 100) * height)).toFixed(1)}`,
    )
    .join("");
}
