import { describe, expect, it } from "vitest";
import { curveOf, hoursOfHundredths, hoursOfTenths, perHour, tierAt, usageOf } from "./meter";

const TIERS = [
  { throughTenths: 1_000, rate: "26000" },
  { throughTenths: 2_500, rate: "21500" },
  { throughTenths: null, rate: "17000" },
];

describe("rent by the hour", () => {
  it("prices each hour at the rate of its tier, as the specification's example does", () => {
    expect(usageOf(TIERS, 924)).toBe(24_024_00n);
    expect(usageOf(TIERS, 1_804)).toBe(43_286_00n);
    expect(perHour(43_286_00n, 1_804)).toBe(239_94n);
  });
  it("changes tier behind its last tenth", () => {
    expect(tierAt(TIERS, 999).rate).toBe("26000");
    expect(tierAt(TIERS, 1_000).rate).toBe("21500");
    expect(tierAt(TIERS, 9_999_999).rate).toBe("17000");
  });
  it("has no average before the first tenth", () => expect(perHour(0n, 0)).toBeUndefined());
  it("falls along the whole curve, which reaches past the machine", () => {
    const curve = curveOf(TIERS, 5_000);
    expect(curve.at(-1)!.tenths).toBeGreaterThan(5_000);
    curve.slice(1).forEach((point, at) => expect(point.average <= curve[at]!.average).toBe(true));
  });
});

describe("hours", () => {
  it("keep their decimals", () => {
    expect(hoursOfTenths(34_392)).toBe("3,439.2");
    expect(hoursOfHundredths(343_905)).toBe("3,439.05");
  });
});
