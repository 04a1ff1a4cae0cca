import { expect, it } from "vitest";
import { bars, thin } from "./waveform";

it("keeps the loudest of each stretch", () => {
  expect(thin([1, 9, 2, 3, 7, 0], 3)).toEqual([9, 3, 7]);
  expect(thin([5, 6], 10)).toEqual([5, 6]);
  expect(thin(Array(7201).fill(40), 240)).toHaveLength(240);
});

it("draws a bar for each value, silence as a thin line", () => {
  expect(bars([100, 0], 31, 30, -1)).toBe("M0.5 31v-30.0M1.5 31v-0.6");
});
