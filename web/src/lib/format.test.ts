import { describe, expect, it } from "vitest";
import { readCode } from "./code";
import { csv } from "./csv";
import { range } from "./filters";
import { count, dateTime, duration, isoDay, phone, ticketCode, tidy } from "./format";
import { menuWords } from "./path";

describe("phone", () => {
  it.each([
    ["+84905123456", "0905 123 456"],
    ["+842353812345", "0235 3812 345"],
    ["+84905•••456", "0905 ••• 456"],
    ["1022", "1022"],
    ["", ""],
  ])("shows %s as %s", (given, shown) => expect(phone(given)).toBe(shown));

  it("keeps every digit of a foreign number", () => {
    expect(phone("+6591234567").replaceAll(" ", "")).toBe("+6591234567");
  });
});

describe("duration", () => {
  it.each([
    [0, "00:00"],
    [-3, "00:00"],
    [59.9, "00:59"],
    [3599, "59:59"],
    [3600, "1:00:00"],
    [86_399, "23:59:59"],
  ])("shows %d s as %s", (seconds, shown) => expect(duration(seconds)).toBe(shown));
});

describe("ticket codes", () => {
  it("shows groups", () => expect(ticketCode("264810935")).toBe("26 481093 5"));

  it.each(["264810935", "26 481093 5", "26-481093.5", "２６４８１０９３５", " 26 481093 5 "])(
    "reads %s",
    (typed) => expect(readCode(typed)).toEqual({ ok: true, code: "264810935" }),
  );

  it.each([
    ["26481093", "length"],
    ["", "length"],
    ["26481093x", "letters"],
    ["264810934", "check"],
  ])("refuses %s for its %s", (typed, why) => expect(readCode(typed)).toEqual({ ok: false, why }));

  it("catches every slip of one digit and every swap of neighbours", () => {
    const code = "264810935";
    for (let at = 0; at < 9; at++) {
      for (const digit of "0123456789") {
        const slip = code.slice(0, at) + digit + code.slice(at + 1);
        if (slip !== code) expect(readCode(slip).ok).toBe(false);
      }
      const swap = code.slice(0, at) + (code[at + 1] ?? "") + code[at] + code.slice(at + 2);
      if (at < 8 && swap !== code) expect(readCode(swap).ok).toBe(false);
    }
  });
});

describe("texts", () => {
  it("are composed and trimmed", () => expect(tidy("  Đie\u0323\u0302n ")).toBe("Điện"));
  it("have a dot for thousands in Vietnamese", () => {
    expect(count(1234567, "vi")).toBe("1.234.567");
    expect(count(11224, "en")).toBe("11,224");
    expect(count(999, "vi")).toBe("999");
  });
  it("show times by day first, in 24 hours", () =>
    expect(dateTime("2026-11-04T15:04:59")).toBe("04/11/2026 15:04"));
  it("show nothing for a time that is none", () => expect(dateTime("")).toBe(""));
});

describe("isoDay", () => {
  it.each([
    ["24/11/2026", "2026-11-24"],
    [" 1.2.26 ", "2026-02-01"],
    ["29/02/2028", "2028-02-29"],
    ["29/02/2027", null],
    ["11/24/2026", null],
    ["hôm nay", null],
    ["", null],
  ])("reads %s as %s", (typed, day) => expect(isoDay(typed)).toBe(day));
});

describe("menuWords", () => {
  const visit = (node: string, key: string) => ({ node, key, label_vi: `v-${node}`, label_en: `e-${node}` });
  it("leaves out what everybody hears and counts repetitions", () => {
    const path = [
      visit("greeting", ""),
      visit("main", "*"),
      visit("main", "*"),
      visit("main", "1"),
      visit("report", ""),
    ];
    expect(menuWords(path, "vi")).toBe("v-main [*] ×2 › v-main [1] › v-report");
  });
  it("shows all of it when no key was pressed", () => {
    expect(menuWords([visit("greeting", ""), visit("main", ""), visit("main", "")], "en")).toBe(
      "e-greeting › e-main ×2",
    );
  });
  it("is empty without a menu", () => expect(menuWords([], "vi")).toBe(""));
});

describe("csv", () => {
  it("quotes, marks its encoding and defuses formulas", () => {
    expect(
      csv([
        ["a", 'b "c"'],
        ["=1+1", "+84905"],
      ]),
    ).toBe('\uFEFF"a","b ""c"""\r\n"\'=1+1","\'+84905"\r\n');
  });
});

describe("range", () => {
  it("takes the last day whole", () => {
    const { from, to } = range("2026-11-24", "2026-11-24");
    expect(Date.parse(to ?? "") - Date.parse(from ?? "")).toBe(24 * 3600 * 1000);
  });
  it("leaves out what is not a day", () =>
    expect(range("x", undefined)).toEqual({ from: undefined, to: undefined }));
});
