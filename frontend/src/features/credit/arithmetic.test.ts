import { expect, test } from "vitest";
import { type Debt, aDay, drawn, fenUp, nextStatement, split } from "./arithmetic";

// The worked example of docs/credit.md: 100,000.00 at 4.80 % from day 0, 50,000.00 at 6.00 % from day 12.
const OPENED: Debt = {
  drawn: 100_000_00n,
  perDay: 100_000_00n * 480n,
  interest: 0n,
  dueInterest: 0n,
  duePrincipal: 0n,
  late: 0n,
  drawnToday: 100_000_00n,
  throughDay: 0,
  nextCloseDay: 30,
  maturityDay: 360,
  instalmentBps: 1000,
};
const ON_DAY_12: Debt = drawn(
  { ...OPENED, interest: OPENED.perDay * 12n, throughDay: 12, drawnToday: 0n },
  50_000_00n,
  600,
);
// Overdue since day 70, looked at on day 75.
const FORGOTTEN: Debt = {
  ...OPENED,
  drawn: 135_000_00n,
  perDay: 135_000_00n * 520n,
  interest: 598_00n * 3_600_000n + 15n * 135_000_00n * 520n,
  dueInterest: 598_00n,
  duePrincipal: 13_500_00n,
  late: 14_098_00n * 900n * 5n,
  drawnToday: 0n,
  throughDay: 75,
};

test("the next statement bills all interest so far and an instalment", () => {
  expect(fenUp(ON_DAY_12.perDay)).toBe(21_67n);
  expect(nextStatement(ON_DAY_12)).toEqual({ interest: 550_00n, principal: 15_000_00n });
});

test("the statement at maturity bills all principal", () => {
  expect(nextStatement({ ...ON_DAY_12, maturityDay: 30 }).principal).toBe(150_000_00n);
});

test("a payment goes to late interest, then what is billed, then the rest", () => {
  expect(split(FORGOTTEN, 17_63n + 598_00n + 100_00n)).toMatchObject({
    late: 17_63n,
    interest: 598_00n,
    principal: 100_00n,
  });
  const all = split(FORGOTTEN, 135_908_13n);
  expect(all).toEqual({ late: 17_63n, interest: 890_50n, principal: 135_000_00n, drawn: 0n, perDay: 0n });
});

test("what goes back on the day it was drawn bears that day", () => {
  const day = aDay(100_000_00n, 480);
  expect(day).toBe(13_34n);
  expect(split(OPENED, 100_000_00n + day)).toMatchObject({ interest: day, principal: 100_000_00n, drawn: 0n });
});

test("what stays drawn keeps the average rate", () => {
  const { drawn: left, perDay } = split({ ...ON_DAY_12, interest: 0n, drawnToday: 0n }, 15_000_00n);
  expect(left).toBe(135_000_00n);
  expect(perDay).toBe(135_000_00n * 520n);
});
