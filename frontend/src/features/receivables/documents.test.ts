import { sha256, stringToBytes } from "viem";
import { expect, test } from "vitest";
import { digestsOfReason, documentHash, matched, reasonHash } from "./documents";

const of = (text: string) => sha256(stringToBytes(text));

test("one document is its own hash, several have one that no order changes", () => {
  expect(documentHash([of("a")])).toBe("0xca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
  expect(documentHash([of("a"), of("b")])).toBe("0x18d79cb747ea174c59f3a3b41768672526d56fecc58360a99d283d0f9b0a3cc0");
  expect(documentHash([of("b"), of("a")])).toBe(documentHash([of("a"), of("b")]));
});

test("a reason is known again whatever happened to its blanks and the ends of its lines", () => {
  expect(reasonHash(" 短交 12 件\r\n未验收\n")).toBe(of("短交 12 件\n未验收"));
  expect(reasonHash("短交 12 件。未验收")).not.toBe(of("短交 12 件\n未验收"));
  expect(matched([digestsOfReason("late ")], of("late"))).toBe("sha256");
  expect(matched([digestsOfReason("late")], of("later"))).toBeUndefined();
});

test("a reason that looks like a number is text all the same", () => {
  expect(reasonHash("0x12")).toBe(of("0x12"));
});
