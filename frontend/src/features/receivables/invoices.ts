/** Invoices out of a CSV file, read on this computer: whatever encoding a spreadsheet or a tax system wrote. */

import type { Invoice } from "../../api/schema";
import { dateOfDay, dayOfDate, fenOf } from "../../ui/format";

/** Bytes and rows beyond which a file is not read at all. */
export const MOST_BYTES = 5_000_000;
export const MOST_ROWS = 1_000;
const LONGEST_DAYS = 365;
const MOST_CELL = 200;

export interface InvoiceRow {
  /** Line of the file in which the row begins, from 1. */
  line: number;
  invoice: Invoice;
  /** Party on the other side. */
  party: number;
  face: bigint;
  dueDay: number;
}

export type Column = "number" | "code" | "issueDate" | "total" | "face" | "due" | "party";

export type Fault =
  | { line: number; fault: "missing" | "date" | "amount" | "party" | "long"; column: Column; found: string }
  | { line: number; fault: "early" | "late" | "faceAbove"; column: Column; found: string }
  | { line: number; fault: "cells"; found: string; expected: number }
  | { line: number; fault: "twice"; found: string; first: number }
  | { line: number; fault: "quote" };

/** Why a file cannot be read at all. */
export type Refusal =
  | { refusal: "empty" }
  | { refusal: "tooBig"; bytes: number }
  | { refusal: "tooMany"; rows: number }
  | { refusal: "binary" }
  | { refusal: "columns"; missing: readonly Column[] };

export interface Sheet {
  encoding: string;
  rows: readonly InvoiceRow[];
  faults: readonly Fault[];
}

export function readInvoices(bytes: Uint8Array, today: number): Sheet | Refusal {
  if (bytes.length > MOST_BYTES) return { refusal: "tooBig", bytes: bytes.length };
  const { text, encoding } = decoded(bytes);
  if (text.includes("\0")) return { refusal: "binary" };
  const { records, faults } = parsed(text);
  const [head, ...body] = records;
  if (!head) return { refusal: "empty" };
  if (body.length > MOST_ROWS) return { refusal: "tooMany", rows: body.length };
  const columns = head.cells.map(columnOf);
  const missing = NEEDED.filter((column) => !columns.includes(column));
  if (missing.length) return { refusal: "columns", missing };
  if (!body.length && !faults.length) return { refusal: "empty" };
  return { encoding, ...rowsOf(body, columns, faults, today) };
}

const NEEDED: readonly Column[] = ["number", "issueDate", "total", "due", "party"];

const NAMES: Record<Column, readonly string[]> = {
  number: ["发票号码", "发票号", "数电发票号码", "invoicenumber", "number"],
  code: ["发票代码", "invoicecode", "code"],
  issueDate: ["开票日期", "issuedate", "issued"],
  total: ["价税合计", "含税金额", "total", "totalwithtax"],
  face: ["应收金额", "债权金额", "amount", "face"],
  due: ["到期日", "付款到期日", "duedate", "dueday", "due"],
  party: ["对方编号", "参与方", "party", "counterparty"],
};

function columnOf(heading: string): Column | undefined {
  const plain = heading
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s_-]/g, "")
    .replace(/\(.*\)$/, "");
  return (Object.keys(NAMES) as Column[]).find((column) => NAMES[column].includes(plain));
}

/** Bytes as text: marked UTF-8 and UTF-16, unmarked UTF-16 by its zero bytes, UTF-8, and else GBK. */
export function decoded(bytes: Uint8Array): { text: string; encoding: string } {
  const encoding = encodingOf(bytes);
  return { text: new TextDecoder(encoding).decode(bytes), encoding: encoding.toUpperCase() };
}

function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  const start = bytes.subarray(0, 400);
  const zeros = [0, 1].map((odd) => start.filter((byte, at) => byte === 0 && at % 2 === odd).length);
  if (zeros[1]! > start.length / 8 && zeros[0] === 0) return "utf-16le";
  if (zeros[0]! > start.length / 8 && zeros[1] === 0) return "utf-16be";
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return "utf-8";
  } catch {
    return "gb18030";
  }
}

interface Entry {
  line: number;
  cells: readonly string[];
}

/** Records of RFC 4180 with `,`, `;` or tab between cells; empty lines are left out. */
export function parsed(text: string): { records: Entry[]; faults: Fault[] } {
  const between = separatorOf(text);
  const records: Entry[] = [];
  let cells: string[] = [];
  let cell = "";
  let line = 1;
  let begun = 1;
  let quoted = false;
  const endCell = () => {
    cells.push(cell.trim());
    cell = "";
  };
  const endRecord = () => {
    endCell();
    if (cells.some((one) => one !== "")) records.push({ line: begun, cells });
    cells = [];
    begun = line;
  };
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === "\n") line++;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') cell += text[++at];
      else quoted = false;
    } else if (char === '"' && cell.trim() === "") {
      cell = "";
      quoted = true;
    } else if (char === between) endCell();
    else if (char === "\n") endRecord();
    else if (char !== "\r") cell += char;
  }
  if (quoted) return { records, faults: [{ line: begun, fault: "quote" }] };
  endRecord();
  return { records, faults: [] };
}

function separatorOf(text: string): string {
  const head = text.slice(0, text.indexOf("\n") + 1 || undefined);
  const count = (char: string) => head.split(char).length;
  return [",", ";", "\t"].reduce((best, char) => (count(char) > count(best) ? char : best));
}

type Columns = readonly (Column | undefined)[];

function rowsOf(body: readonly Entry[], columns: Columns, before: readonly Fault[], today: number) {
  const rows: InvoiceRow[] = [];
  const faults: Fault[] = [...before];
  const seen = new Map<string, number>();
  for (const entry of body) {
    const { row, wrong } = rowOf(entry, columns, today);
    faults.push(...wrong);
    if (!row) continue;
    const key = [row.invoice.code, row.invoice.number].join(" ").normalize("NFKC").toUpperCase();
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, row.line);
      rows.push(row);
    } else faults.push({ line: row.line, fault: "twice", found: row.invoice.number, first });
  }
  return { rows, faults };
}

function rowOf({ line, cells }: Entry, columns: Columns, today: number): { row?: InvoiceRow; wrong: Fault[] } {
  if (cells.length !== columns.length)
    return { wrong: [{ line, fault: "cells", found: String(cells.length), expected: columns.length }] };
  const wrong: Fault[] = [];
  const cell = (column: Column) => cells[columns.indexOf(column)] ?? "";
  const fail = (
    fault: "missing" | "date" | "amount" | "party" | "long" | "early" | "late" | "faceAbove",
    column: Column,
  ) => void wrong.push({ line, fault, column, found: cell(column).slice(0, MOST_CELL) });

  for (const column of NEEDED) if (cell(column) === "") fail("missing", column);
  if (cell("number").length > 40) fail("long", "number");
  if (cell("code").length > 20) fail("long", "code");
  const present = (column: Column) => cell(column) !== "";

  const issueDate = dateIn(cell("issueDate"));
  if (!issueDate && present("issueDate")) fail("date", "issueDate");
  const due = dateIn(cell("due"));
  if (!due && present("due")) fail("date", "due");
  const dueDay = due ? dayOfDate(due) : 0;
  if (due && dueDay <= today) fail("early", "due");
  if (due && dueDay > today + LONGEST_DAYS) fail("late", "due");

  const total = fenOf(cell("total"));
  if (!total && present("total")) fail("amount", "total");
  const face = present("face") ? fenOf(cell("face")) : total;
  if (!face && present("face")) fail("amount", "face");
  if (face && total && face > total) fail("faceAbove", "face");
  const party = /^\d{1,9}$/.test(cell("party")) ? Number(cell("party")) : 0;
  if (!party && present("party")) fail("party", "party");

  if (wrong.length || !issueDate || !face) return { wrong };
  const invoice = { code: cell("code"), number: cell("number"), issueDate, total: cell("total"), currency: "CNY" };
  return { row: { line, invoice, party, face, dueDay }, wrong };
}

/** `2026-11-05`, `2026/11/5`, `20261105` or `2026年11月5日` as a date of the calendar; undefined for none. */
export function dateIn(typed: string): string | undefined {
  const found =
    /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(typed) ??
    /^(\d{4})年(\d{1,2})月(\d{1,2})日$/.exec(typed) ??
    /^(\d{4})(\d{2})(\d{2})$/.exec(typed);
  if (!found) return undefined;
  const date = `${found[1]}-${found[2]!.padStart(2, "0")}-${found[3]!.padStart(2, "0")}`;
  const day = dayOfDate(date);
  return !Number.isNaN(day) && dateOfDay(day) === date ? date : undefined;
}
