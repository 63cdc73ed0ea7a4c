import { encodeErrorResult } from "viem";
import { describe, expect, it } from "vitest";
import { next as en } from "../text/en/next";
import { next as zh } from "../text/zh/next";
import { contractErrors } from "./errors";
import { decoded } from "./reverts";
import { nextSteps } from "./next";

describe("every error of the contracts", () => {
  it.each(Object.keys(contractErrors))("%s has a sentence and a next step in both languages", (code) => {
    const { notice } = contractErrors[code as keyof typeof contractErrors];
    const step = nextSteps[code as keyof typeof nextSteps];
    for (const text of [notice.zh, notice.en, zh[step], en[step]]) expect(text.length).toBeGreaterThan(3);
  });

  it("is told with its figures", async () => {
    const { inputs } = contractErrors.LineExceeded;
    const abi = [{ type: "error", name: "LineExceeded", inputs }] as const;
    const data = encodeErrorResult({ abi, errorName: "LineExceeded", args: [7, 12_345_600n, 10_000_000n] });
    const failure = await decoded(data);
    expect(failure?.code).toBe("LineExceeded");
    expect(failure?.notice?.en).toBe("Party 7 would owe 123,456.00 on its line; its limit is 100,000.00.");
    expect(failure?.next).toBe("amount");
  });

  it("is not guessed from what is none of them", async () => {
    expect(await decoded("0xdeadbeef")).toBeUndefined();
  });
});
