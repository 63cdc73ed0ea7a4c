import { expect, it } from "vitest";
import { figureOf } from "./evidence";

it("shows figures of evidence in units that people read", () => {
  expect(figureOf("outside_dm", 12_345)).toBe("1,234 m");
  expect(figureOf("outside_s", 5_430)).toBe("1 h 30 min");
  expect(figureOf("top", 343_905)).toBe("3,439.05 h");
  expect(figureOf("burnt", 1_234)).toBe("123.4 L");
  expect(figureOf("rate", 12_340)).toBe("12.3 L/h");
  expect(figureOf("lost", 334)).toBe("33.4%");
  expect(figureOf("percent", 135)).toBe("135%");
});
