import { expect, test } from "vitest";
import type { Financing, Lease, Line } from "../../../api/schema";
import { ofFinancing, ofLease, ofLine } from "./steps";

const day = (day: number) => ({ day, date: "" });
const financing = (changed: Partial<Financing>) =>
  ({ status: "Active", due: day(100), graceDays: 3, cureThrough: null, ...changed }) as Financing;
const line = (changed: Partial<Line>) =>
  ({ status: "Open", billed: "0", overdue: "0", due: null, cureThrough: null, ...changed }) as Line;

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
  expect(ofLine(line({}), 100)).toBeUndefined();
  expect(ofLine(line({ overdue: "1" }), 100)?.step).toBe("markDelinquent");
});

test("what a statement billed is overdue from the day after its due day, before anything happened on chain", () => {
  expect(ofLine(line({ billed: "1", due: day(100) }), 100)).toBeUndefined();
  expect(ofLine(line({ billed: "1", due: day(100) }), 105)).toEqual({ step: "markDelinquent", day: 101 });
});

test("a machine that is claimed back or given back is offered for sale, unless the lessee disputes", () => {
  const lease = (changed: Partial<Lease>) => ({ disputed: false, cureThrough: null, ...changed }) as Lease;
  expect(ofLease(lease({ status: "Rescinded" }), 100)?.step).toBe("offerSale");
  expect(ofLease(lease({ status: "Returned" }), 100)?.step).toBe("offerSale");
  expect(ofLease(lease({ status: "Rescinded", disputed: true }), 100)?.step).toBe("decide");
});
