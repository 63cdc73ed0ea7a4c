import { expect, test } from "vitest";
import { priceOf, sharesOf, valueOf } from "./shares";

test("a share begins at one yuan and its price is rounded down", () => {
  expect(priceOf(2_000_000_000n, 2_000_000_000_000_000n)).toBe("¥1.000000");
  expect(priceOf(2_002_322_833n, 2_000_000_000_000_000n)).toBe("¥1.001161");
  expect(priceOf(1n, 0n)).toBe("–");
});

test("shares are shown as yuan were when the vault began", () => {
  expect(sharesOf("2000000000000000")).toBe("20,000,000.0000");
  expect(sharesOf(12_345_678n)).toBe("0.1234");
});

test("what shares are worth never exceeds the whole", () => {
  expect(valueOf(1n, 100n, 3n)).toBe(33n);
  expect(valueOf(3n, 100n, 3n)).toBe(100n);
  expect(valueOf(5n, 100n, 0n)).toBe(0n);
});
