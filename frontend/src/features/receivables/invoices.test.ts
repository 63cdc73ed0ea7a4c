import { describe, expect, it } from "vitest";
import { dayOfDate } from "../../ui/format";
import { type Sheet, MOST_BYTES, dateIn, readInvoices } from "./invoices";

const TODAY = dayOfDate("2026-11-22");
const HEAD = "发票号码,开票日期,价税合计,到期日,对方编号";
const ROW = "26442000001,2026-11-01,113000.00,2027-01-31,3";
// The heading 发票号码,开票日期,价税合计,到期日,对方编号 in GBK.
const GBK_HEAD = "b7a2c6b1bac5c2eb2cbfaac6b1c8d5c6da2cbcdbcbb0bacfbcc62cb5bdc6dac8d52cb6d4b7bdb1e0bac5";

const utf8 = (text: string) => new TextEncoder().encode(text);
const hex = (digits: string) => Uint8Array.from(digits.match(/../g)!, (byte) => parseInt(byte, 16));
const utf16 = (text: string) => new Uint8Array(Uint16Array.from(text, (char) => char.charCodeAt(0)).buffer);

function sheet(bytes: Uint8Array): Sheet {
  const found = readInvoices(bytes, TODAY);
  if ("refusal" in found) throw new Error(found.refusal);
  return found;
}

describe("invoices from a file", () => {
  it.each([
    ["UTF-8", utf8(`${HEAD}\n${ROW}\n`)],
    ["UTF-8 with a mark", utf8(`\uFEFF${HEAD}\r\n${ROW}\r\n`)],
    ["GBK", new Uint8Array([...hex(GBK_HEAD), ...utf8(`\r\n${ROW}`)])],
    ["UTF-16 with a mark", utf16(`\uFEFF${HEAD}\n${ROW}`)],
    ["semicolons", utf8(`${HEAD}\n${ROW}`.replaceAll(",", ";"))],
    ["quotes", utf8(`${HEAD}\n"26442000001","2026/11/1","113,000.00","2027年1月31日","3"`)],
  ])("are the same in %s", (_, bytes) => {
    const { rows, faults } = sheet(bytes);
    expect(faults).toEqual([]);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ party: 3, face: 11_300_000n, dueDay: dayOfDate("2027-01-31") });
    expect(rows[0]!.invoice).toMatchObject({ number: "26442000001", issueDate: "2026-11-01" });
  });

  it("name the line and the column of every fault, and keep the sound rows", () => {
    const body = [ROW, "A2,2026-02-30,12.345,2026-11-22,x", "A3,2026-11-01", "26442000001,2026-11-02,1,2027-01-01,3"];
    const { rows, faults } = sheet(utf8([HEAD, ...body].join("\n")));
    expect(rows.map(({ line }) => line)).toEqual([2]);
    expect(faults.map(({ line, fault }) => `${line} ${fault}`)).toEqual([
      "3 date",
      "3 early",
      "3 amount",
      "3 party",
      "4 cells",
      "5 twice",
    ]);
  });

  it("say what a file lacks or has too much of", () => {
    expect(readInvoices(utf8(""), TODAY)).toEqual({ refusal: "empty" });
    expect(readInvoices(utf8("发票号码,到期日\n1,2"), TODAY)).toEqual({
      refusal: "columns",
      missing: ["issueDate", "total", "party"],
    });
    expect(readInvoices(new Uint8Array(MOST_BYTES + 1), TODAY)).toMatchObject({ refusal: "tooBig" });
    expect(readInvoices(utf8(`${HEAD}\n${`${ROW}\n`.repeat(1_001)}`), TODAY)).toMatchObject({ refusal: "tooMany" });
    expect(readInvoices(Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 8), TODAY)).toEqual({ refusal: "binary" });
  });

  it("with a quote that is never closed name the line in which it begins", () => {
    expect(sheet(utf8(`${HEAD}\n${ROW}\n"A2,2026-11-01\n`)).faults).toEqual([{ line: 3, fault: "quote" }]);
  });

  it("have only days that exist", () => {
    expect(dateIn("2028-02-29")).toBe("2028-02-29");
    expect(dateIn("2026-02-29")).toBeUndefined();
    expect(dateIn("20261105")).toBe("2026-11-05");
  });
});
