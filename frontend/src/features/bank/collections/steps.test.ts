import { expect, test } from "vitest";
import type { Financing, Line } from "../../../api/schema";
import { ofFinancing, ofLine } from "./steps";

const day = (day: number) => ({ day, date: "" });
const financing = (changed: Partial<Financing>) =>
  ({ status: "Active", due: day(100), graceDays: 3, cureThrough: null, ...changed }) as Financing;

test("a financing becomes overdue on the day after its grace, and no earlier", () => {
  expect(ofFinancing(financing({}), 103)).toBeUndefined();
  expect(ofFinancing(financing({}), 104)).toEqual({ step: "markOverdue", day: 104 });
});

test("default is declared on the day after the cure time", () => {
  expect(ofFinancing(financing({ status: "Overdue" }), 110)).toEqual({ step: "giveNotice", day: 110 });
  expect(ofFinancing(financing({ status: "Overdue", cureThrough: day(120) }), 115)).toEqual({
    step: "declareDefault",
    day: 121,
  });
});

test("a line in order needs no step", () => {
  const line = (changed: Partial<Line>) => ({ status: "Open", overdue: "0", cureThrough: null, ...changed }) as Line;
  expect(ofLine(line({}), 100)).toBeUndefined();
  expect(ofLine(line({ overdue: "1" }), 100)?.step).toBe("markDelinquent");
});
