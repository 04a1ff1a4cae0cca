import { useSearchParams } from "react-router";

/** Filters that live in the address: `[values, set one, clear all]`. Empty ones are left out. */
export function useFilters<const K extends string>(
  names: readonly K[],
): [Partial<Record<K, string>>, (name: K, value: string) => void, () => void] {
  const [params, setParams] = useSearchParams();
  const values: Partial<Record<K, string>> = {};
  for (const name of names) {
    const value = params.get(name);
    if (value) values[name] = value;
  }
  const set = (name: K, value: string) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  return [values, set, () => setParams({}, { replace: true })];
}

/** Days as the filters have them (`2026-11-24`) into a range of times; the last day counts whole. */
export function range(from?: string, to?: string): { from?: string; to?: string } {
  const start = from ? new Date(`${from}T00:00:00`) : null;
  const end = to ? new Date(`${to}T00:00:00`) : null;
  end?.setDate(end.getDate() + 1);
  const shown = (at: Date | null) => (at && !Number.isNaN(at.getTime()) ? at.toISOString() : undefined);
  return { from: shown(start), to: shown(end) };
}
