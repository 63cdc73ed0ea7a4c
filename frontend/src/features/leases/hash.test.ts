import { expect, it } from "vitest";
import { canonical, hashOfAnnex, hashOfText } from "./hash";

it("writes documents with sorted keys and no spaces, as the rules' hashes need", () => {
  expect(canonical({ b: [1, { d: null, c: "x" }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
});

it("hashes documents with SHA-256 and annexes with keccak-256", () => {
  expect(hashOfText("abc")).toBe("0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(hashOfAnnex({})).toBe("0xb48d38f93eaa084033fc5970bf96e559c33c4cdc07d889ab00b4d63f9590739d");
});
