import { expect, test } from "vitest";
import { blocks, pieces } from "./markdown";

test("headings, paragraphs and lists are told apart", () => {
  expect(
    blocks("# Consent\n\nVersion 1\nPurpose\n\n## 2. Data\n\n- sales\n- refunds\n\n1. first\n2. second\n"),
  ).toEqual([
    { kind: "heading", level: 1, text: "Consent" },
    { kind: "paragraph", text: "Version 1 Purpose" },
    { kind: "heading", level: 2, text: "2. Data" },
    { kind: "list", ordered: false, items: ["sales", "refunds"] },
    { kind: "list", ordered: true, items: ["first", "second"] },
  ]);
});

test("strong words and code stand out, and no markup becomes an element", () => {
  expect(pieces("**Line.** Call `revoke` <b>")).toEqual([
    { kind: "strong", text: "Line." },
    { kind: "plain", text: " Call " },
    { kind: "code", text: "revoke" },
    { kind: "plain", text: " <b>" },
  ]);
});
