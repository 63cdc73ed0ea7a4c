import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { termsIn } from "./terms";

it("reads every term of the glossary with both languages", () => {
  const terms = termsIn(readFileSync("../docs/glossary.md", "utf8"));
  expect(terms.length).toBeGreaterThan(60);
  expect(terms.find(({ zh }) => zh === "确权")).toEqual({ zh: "确权", en: "confirm", identifier: "confirm" });
  for (const { zh, en } of terms) expect([zh, en]).not.toContain("");
});
