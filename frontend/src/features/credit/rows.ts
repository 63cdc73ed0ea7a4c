/** A file of business records as it will be read: parsed and checked here, before anything leaves the computer. The
 * rules are those that the service publishes; it checks them again, and some that need what it keeps already. */

import type { RowSchema, Texts } from "../../api/schema";

/** The part of `GET /v1/business-records/schema` that is computed with. */
interface Form {
  properties: Record<string, { pattern: string; maxLength: number }>;
  allOf: readonly {
    if: { properties: { kind: { const: string } } };
    then: { required: readonly string[]; properties: Record<string, unknown> };
  }[];
}

export interface Fault {
  /** Line of a CSV file, whose header is line 1; place in an array, from 1. */
  line: number;
  field: string;
  rule: string;
  notices: Texts;
}

export interface Read {
  /** Rows as text by column, in the order of the file. */
  rows: readonly Row[];
  faults: readonly Fault[];
}

export type Row = Record<string, string>;

interface Numbered {
  line: number;
  row: Row;
}

/** UTF-8, UTF-16 with its mark, else GBK, as spreadsheets in China save. */
export function decoded(bytes: Uint8Array<ArrayBuffer>): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gbk").decode(bytes);
  }
}

export function read(text: string, json: boolean, { row, rules }: RowSchema): Read {
  const form = row as { properties: Form["properties"]; allOf: Form["allOf"] };
  const told = teller(rules);
  const { found, faults } = json ? jsonRows(text, told) : csvRows(text, Object.keys(form.properties), told);
  const checked = found.flatMap((one) => faultsOf(one, form, told));
  const twice = repeated(found, told);
  const all = [...faults, ...checked, ...twice].sort((a, b) => a.line - b.line);
  return { rows: found.map(({ row }) => row), faults: all };
}

type Tell = (line: number, field: string, rule: string, values?: Record<string, string | number>) => Fault;

function teller(rules: Record<string, Texts>): Tell {
  return (line, field, rule, values = {}) => {
    const texts = rules[rule] ?? { en: rule, zh: rule };
    return { line, field, rule, notices: { en: filled(texts.en, values), zh: filled(texts.zh, values) } };
  };
}

function filled(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

interface Parsed {
  found: readonly Numbered[];
  faults: readonly Fault[];
}

function csvRows(text: string, known: readonly string[], tell: Tell): Parsed {
  const { records, open } = csvRecords(text);
  if (open !== undefined) return { found: [], faults: [tell(open, "", "csv_quotes")] };
  const [header, ...rest] = records;
  const names = header?.cells.map((cell) => cell.trim()) ?? [];
  while (names.at(-1) === "") names.pop();
  const unknown = names.find((name) => !known.includes(name));
  if (!header || !rest.length) return { found: [], faults: [tell(1, "", "file_empty")] };
  if (unknown !== undefined)
    return { found: [], faults: [tell(1, unknown, "csv_header", { name: unknown, known: known.join(", ") })] };
  const missing = ["kind", "id", "occurred_at"].find((name) => !names.includes(name));
  if (missing) return { found: [], faults: [tell(1, missing, "csv_header_missing", { name: missing })] };
  const faults: Fault[] = [];
  const found: Numbered[] = [];
  for (const { line, cells } of rest) {
    if (cells.length < names.length || cells.slice(names.length).some(Boolean))
      faults.push(tell(line, "", "row_cells", { found: cells.length, expected: names.length }));
    else found.push({ line, row: Object.fromEntries(names.map((name, at) => [name, cells[at]!.trim()])) });
  }
  return { found, faults };
}

interface CsvRecord {
  line: number;
  cells: string[];
}

/** `open`: line of a quote that nothing closes. Blank lines are passed over. */
export function csvRecords(text: string): { records: readonly CsvRecord[]; open: number | undefined } {
  const records: CsvRecord[] = [];
  let [cells, cell, line, begun, quoted]: [string[], string, number, number, boolean] = [[], "", 1, 1, false];
  const end = () => {
    cells.push(cell);
    if (cells.some(Boolean)) records.push({ line: begun, cells });
    [cells, cell] = [[], ""];
  };
  for (let at = text.startsWith("\uFEFF") ? 1 : 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === "\n") line++;
    if (quoted && sign === '"' && text[at + 1] === '"') cell += text[++at];
    else if (sign === '"' && (quoted || cell === "")) quoted = !quoted;
    else if (quoted) cell += sign;
    else if (sign === ",") {
      cells.push(cell);
      cell = "";
    } else if (sign === "\n") {
      end();
      begun = line;
    } else if (sign !== "\r") cell += sign;
  }
  if (cell || cells.length) end();
  return { records, open: quoted ? begun : undefined };
}

function jsonRows(text: string, tell: Tell): Parsed {
  const array = parsed(text);
  if (!Array.isArray(array)) return { found: [], faults: [tell(1, "", "json_form")] };
  if (!array.length) return { found: [], faults: [tell(1, "", "file_empty")] };
  const faults: Fault[] = [];
  const found: Numbered[] = [];
  for (const [at, element] of array.entries()) {
    if (typeof element !== "object" || element === null || Array.isArray(element))
      faults.push(tell(at + 1, "", "row_form"));
    else found.push({ line: at + 1, row: texts(element) });
  }
  return { found, faults };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}

function texts(element: object): Row {
  return Object.fromEntries(
    Object.entries(element).map(([name, value]) => [name, value === null ? "" : String(value)]),
  );
}

const LARGEST = { days: 99_999, count: 9_999_999 };

function faultsOf({ line, row }: Numbered, form: Form, tell: Tell): readonly Fault[] {
  const kind = row["kind"] ?? "";
  const faults: Fault[] = [];
  for (const [name, value] of Object.entries(row)) {
    const column = form.properties[name];
    if (!column) faults.push(tell(line, name, "column_unknown"));
    else if (value.length > column.maxLength) faults.push(tell(line, name, "too_long", { most: column.maxLength }));
    else if (!new RegExp(column.pattern).test(value)) faults.push(misformed(line, name, value, form, tell));
  }
  const rule = form.allOf.find((one) => one.if.properties.kind.const === kind);
  if (!rule) {
    if (!kind) faults.push(tell(line, "kind", "kind_form", { known: kinds(form) }));
    return faults;
  }
  for (const name of rule.then.required) if (!row[name]) faults.push(tell(line, name, "missing", { kind }));
  for (const name of Object.keys(rule.then.properties))
    if (row[name]) faults.push(tell(line, name, "not_for_kind", { kind }));
  if (["sale", "refund"].includes(kind) && /^0+([.]0*)?$/.test(row["amount"] ?? ""))
    faults.push(tell(line, "amount", "amount_zero", { kind }));
  return faults;
}

function misformed(line: number, name: string, value: string, form: Form, tell: Tell): Fault {
  if (name === "kind") return tell(line, name, "kind_form", { known: kinds(form) });
  if (name === "amount" && /^-\d/.test(value)) return tell(line, name, "amount_negative");
  if (name === "amount" && /^\d+[.]\d{3,}$/.test(value)) return tell(line, name, "amount_decimals");
  const most = name === "days" || name === "count" ? LARGEST[name] : "";
  return tell(line, name, `${name}_form`, { most });
}

const kinds = (form: Form) => form.allOf.map((one) => one.if.properties.kind.const).join(", ");

/** The same kind and id must not stand twice in a file. */
function repeated(found: readonly Numbered[], tell: Tell): readonly Fault[] {
  const first = new Map<string, number>();
  return found.flatMap(({ line, row }) => {
    const key = `${row["kind"]} ${row["id"]}`;
    const before = first.get(key);
    if (before === undefined) first.set(key, line);
    return before === undefined || !row["id"] ? [] : [tell(line, "id", "duplicate", { first: before })];
  });
}
