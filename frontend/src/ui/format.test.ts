import { describe, expect, it } from "vitest";
import { csvOf } from "./csv";
import { dateInWords, dateOfDay, dayOfDate, fenOf, money, onAxis, percent, plainYuan, time } from "./format";

describe("amounts", () => {
  it("are grouped and keep their fen", () => {
    expect(money(9_731_250n)).toBe("¥97,312.50");
    expect(money("100")).toBe("¥1.00");
    expect(money(-5n)).toBe("−¥0.05");
  });

  it("are rounded down where they are shortened", () => {
    expect(money(9_739_999n, "short")).toBe("¥9.73万");
    expect(money(12_599_999_999n, "short")).toBe("¥1.25亿");
    expect(money(999_999n, "short")).toBe("¥9,999.99");
  });

  it("are read from what people type, and from nothing else", () => {
    expect(fenOf(" 97,312.5 ")).toBe(9_731_250n);
    expect(fenOf("¥0.01")).toBe(1n);
    for (const wrong of ["", "1.234", "1e5", "-1", "12,34", "１２", "0x10", "1,000,00"])
      expect(fenOf(wrong)).toBeUndefined();
  });

  it("survive being typed again", () => {
    for (const fen of [0n, 1n, 10n, 12_345_678_901n]) expect(fenOf(plainYuan(fen))).toBe(fen);
  });
});

describe("days and times", () => {
  it("are Beijing's", () => {
    expect(time(1_795_336_200)).toBe("2026-11-22 16:30");
    expect(dateOfDay(20_779)).toBe("2026-11-22");
    expect(dayOfDate("2026-11-22")).toBe(20_779);
    expect(dateInWords("2026-11-02", "zh")).toBe("2026年11月2日");
    expect(dateInWords("2026-11-02", "en")).toBe("2 Nov 2026");
    expect(new Date(onAxis("2026-11-22T08:30:00Z")).toISOString()).toBe("2026-11-22T16:30:00.000Z");
    expect(new Date(onAxis("2026-11-22")).toISOString()).toBe("2026-11-22T00:00:00.000Z");
  });
});

describe("rates", () => {
  it("have two decimals", () => expect(percent(435)).toBe("4.35%"));
});

describe("exports", () => {
  it("have no cell that begins like a formula", () => {
    expect(
      csvOf([
        ["=1+1", "a,b", '"'],
        [-5, "-5", "@x"],
      ]),
    ).toBe(`\uFEFF'=1+1,"a,b",""""\r\n-5,'-5,'@x\r\n`);
  });
});
