/** The next step against a loan that is not paid, and the day from which the contract allows it. */

import type { Financing, Lease, Line } from "../../../api/schema";

export type StepName =
  | "markOverdue"
  | "markDelinquent"
  | "giveNotice"
  | "declareDefault"
  | "writeOff"
  | "recover"
  | "accelerate"
  | "offerSale"
  | "pay"
  | "decide";

export interface NextStep {
  step: StepName;
  /** First day on which it is possible. */
  day: number;
}

/** Undefined for a loan that is in order. */
export function ofFinancing(of: Financing, today: number): NextStep | undefined {
  switch (of.status) {
    case "Active": {
      const day = of.due.day + of.graceDays + 1;
      return today >= day ? { step: "markOverdue", day } : undefined;
    }
    case "Overdue":
      return afterNotice(of, today);
    case "Defaulted":
      return { step: "writeOff", day: today };
    case "WrittenOff":
      return { step: "recover", day: today };
    default:
      return undefined;
  }
}

export function ofLine(of: Line, today: number): NextStep | undefined {
  switch (of.status) {
    case "Open": {
      // What was billed becomes overdue without an event.
      const day = of.due && BigInt(of.billed) > 0n ? of.due.day + 1 : undefined;
      if (BigInt(of.overdue) > 0n) return { step: "markDelinquent", day: today };
      return day !== undefined && today >= day ? { step: "markDelinquent", day } : undefined;
    }
    case "Delinquent":
      return afterNotice(of, today);
    case "Defaulted":
      return { step: "writeOff", day: today };
    case "WrittenOff":
      return { step: "recover", day: today };
    default:
      return undefined;
  }
}

/** Of a lease whose rent is the bank's. While the lessee disputes a charge, no step against it is possible. */
export function ofLease(of: Lease, today: number): NextStep | undefined {
  if (of.disputed) return { step: "decide", day: today };
  switch (of.status) {
    case "Overdue":
      return afterNotice(of, today);
    case "Defaulted":
      return { step: "accelerate", day: today };
    case "Rescinded":
    // Given back while the rent is the bank's.
    case "Returned":
      return { step: "offerSale", day: today };
    case "Accelerated":
      return { step: "pay", day: today };
    default:
      return undefined;
  }
}

function afterNotice(of: Pick<Financing, "cureThrough">, today: number): NextStep {
  if (!of.cureThrough) return { step: "giveNotice", day: today };
  return { step: "declareDefault", day: of.cureThrough.day + 1 };
}
