/** What a payment goes to and what the next statement bills: the arithmetic of `Revolving.sol` on figures of the chain. */

const BPS = 10_000n;
/** Interest is kept in fen × bps × days on a basis of 360; this many make a fen. */
const ACCRUAL_UNIT = BPS * 360n;

/** The part of `ICreditLine.Line` that is computed with: amounts in fen, `interest`, `late` and `perDay` in accrual. */
export interface Debt {
  drawn: bigint;
  perDay: bigint;
  interest: bigint;
  dueInterest: bigint;
  duePrincipal: bigint;
  late: bigint;
  drawnToday: bigint;
  throughDay: number;
  nextCloseDay: number;
  maturityDay: number;
  instalmentBps: number;
}

/** What a payment goes to, and what is drawn and accrues a day after it. */
export interface Split {
  late: bigint;
  interest: bigint;
  principal: bigint;
  drawn: bigint;
  perDay: bigint;
}

/** `amount`: at most what is owed. */
export function split(debt: Debt, amount: bigint): Split {
  const late = least(amount, fenUp(debt.late));
  const billedInterest = least(amount - late, debt.dueInterest);
  const billedPrincipal = least(amount - late - billedInterest, debt.duePrincipal);
  const left = amount - late - billedInterest - billedPrincipal;
  const otherInterest = least(left, fenUp(debt.interest) - debt.dueInterest);
  const interest = billedInterest + otherInterest + dayOfToday(debt, left - otherInterest);
  const principal = amount - late - interest;
  const drawn = debt.drawn - principal;
  return { late, interest, principal, drawn, perDay: debt.drawn ? ceil(debt.perDay * drawn, debt.drawn) : 0n };
}

/** What the next statement bills if nothing is drawn or paid before it. */
export function nextStatement(debt: Debt): { interest: bigint; principal: bigint } {
  const days = BigInt(debt.nextCloseDay - debt.throughDay);
  const interest = fenUp(debt.interest + debt.perDay * days);
  const whole = debt.nextCloseDay >= debt.maturityDay;
  const instalment = ceil((debt.drawn - debt.duePrincipal) * BigInt(debt.instalmentBps), BPS);
  return { interest, principal: whole ? debt.drawn : debt.duePrincipal + instalment };
}

/** A draw's effect on the debt; its rate stays with it. */
export function drawn(debt: Debt, amount: bigint, rateBps: number): Debt {
  return { ...debt, drawn: debt.drawn + amount, perDay: debt.perDay + amount * BigInt(rateBps) };
}

/** Accrual in fen, rounded up: what is owed. */
export function fenUp(accrual: bigint): bigint {
  return ceil(accrual, ACCRUAL_UNIT);
}

/** Simple interest of a day on an amount in fen, rounded up. */
export function aDay(amount: bigint, rateBps: number): bigint {
  return fenUp(amount * BigInt(rateBps));
}

/** Principal that goes back on the day it was drawn bears that day. */
function dayOfToday({ drawnToday, perDay, drawn }: Debt, left: bigint): bigint {
  if (drawnToday === 0n || left === 0n) return 0n;
  const whole = ceil(perDay * drawnToday, drawn * ACCRUAL_UNIT);
  return left >= drawnToday + whole ? whole : (left * whole) / (drawnToday + whole);
}

function ceil(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
