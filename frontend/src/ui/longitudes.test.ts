import { expect, it } from "vitest";
import { unrolled } from "./longitudes";

it("draws what crosses the antimeridian in one piece, and leaves everything else", () => {
  const ring = [
    [179.9, 10],
    [-179.9, 10],
    [-179.9, 11],
    [179.9, 10],
  ] as const;
  expect(unrolled(ring, 179.9).map(([longitude]) => Number(longitude.toFixed(1)))).toEqual([
    179.9, 180.1, 180.1, 179.9,
  ]);
  expect(unrolled([[116.3, 39.5]], 116)).toEqual([[116.3, 39.5]]);
  expect(unrolled([[-179.95, 10]], 179.9)[0]![0]).toBeCloseTo(180.05);
});
