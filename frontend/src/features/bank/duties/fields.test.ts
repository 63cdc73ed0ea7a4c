import { expect, test } from "vitest";
import { type Terms, edited, isTighter, kindOf, read, typed } from "./fields";

const TERMS: Terms = {
  open: true,
  advanceBps: 9000,
  annualRateBps: 435,
  feeBps: 20,
  limitCap: 50_000_000_00n,
  maxAge: 2_592_000,
  blockingFlags: 0b10,
};

test("what stands in an input is read back as the same value", () => {
  for (const [name, value] of Object.entries(TERMS).filter(([, value]) => typeof value !== "boolean"))
    expect(read(kindOf(name), typed(kindOf(name), value as bigint | number))).toBe(BigInt(value));
});

test("an edited struct keeps the type of every value", () => {
  expect(edited({ ...TERMS }, { annualRateBps: "4.80", limitCap: "1,000.50", open: false })).toEqual({
    ...TERMS,
    annualRateBps: 480,
    limitCap: 100_050n,
    open: false,
  });
});

test("what is no value makes no struct", () => {
  expect(edited({ ...TERMS }, { annualRateBps: "four" })).toBeUndefined();
  expect(edited({ ...TERMS }, { feeBps: "0.205" })).toBeUndefined();
});

test("terms are tighter when no figure is looser, from the lender's side", () => {
  expect(isTighter({ ...TERMS, annualRateBps: 436 }, TERMS)).toBe(true);
  expect(isTighter({ ...TERMS, annualRateBps: 434 }, TERMS)).toBe(false);
  expect(isTighter({ ...TERMS, limitCap: TERMS.limitCap + 1n }, TERMS)).toBe(false);
  expect(isTighter({ ...TERMS, blockingFlags: 0b110 }, TERMS)).toBe(true);
  expect(isTighter({ ...TERMS, blockingFlags: 0b100 }, TERMS)).toBe(false);
  expect(isTighter({ ...TERMS, open: false }, TERMS)).toBe(true);
  expect(isTighter(TERMS, { ...TERMS, open: false })).toBe(false);
});
