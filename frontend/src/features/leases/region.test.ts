import { expect, it } from "vitest";
import { circle, fromGeoJson } from "./region";

it("takes polygons with holes from GeoJSON, in whole units", () => {
  const outer = [
    [116.29, 39.49],
    [116.31, 39.49],
    [116.3, 39.51],
    [116.29, 39.49],
  ];
  const feature = { type: "Feature", geometry: { type: "Polygon", coordinates: [outer] } };
  expect(fromGeoJson(JSON.stringify(feature))![0]![0]).toEqual([1_162_900_000, 394_900_000]);
  expect(fromGeoJson('{"type":"Point","coordinates":[1,2]}')).toBeUndefined();
  expect(fromGeoJson("nonsense")).toBeUndefined();
});

it("draws a closed ring around a place", () => {
  const [ring] = circle(116.3, 39.5, 1_000);
  expect(ring!.at(-1)).toEqual(ring![0]);
  expect(ring![0]![0] - 1_163_000_000).toBeCloseTo((1_000 / 111_195 / Math.cos((39.5 * Math.PI) / 180)) * 1e7, -1);
});
