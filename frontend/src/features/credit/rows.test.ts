import { expect, test } from "vitest";
import columns from "../../../../backend/records/business/columns.json";
import rules from "../../../../backend/records/business/rules.json";
import { csvRecords, decoded, read } from "./rows";

// As `GET /v1/business-records/schema` publishes them.
const KINDS = ["sale", "refund", "rating", "stock", "arrears", "opening"];
const SCHEMA = {
  rules,
  row: {
    properties: Object.fromEntries(
      columns.map(({ name, pattern, longest }) => [name, { pattern: `^$|${pattern}`, maxLength: longest }]),
    ),
    allOf: KINDS.map((kind) => ({
      if: { properties: { kind: { const: kind } } },
      then: {
        required: columns.filter(({ needed }) => needed.includes(kind)).map(({ name }) => name),
        properties: Object.fromEntries(
          columns.filter((one) => !one.kinds.includes(kind)).map(({ name }) => [name, {}]),
        ),
      },
    })),
  },
};
const HEADER = "kind,id,occurred_at,amount,stars,days,currency,count,buyer";
const SALE = "sale,T-1,2026-11-01T09:30:00+08:00,128.00,,,CNY,1,9f2c41d07ab65e38";

const found = (text: string, json = false) =>
  read(text, json, SCHEMA).faults.map(({ line, field, rule }) => `${line} ${field} ${rule}`);

test("a file without fault has none", () => {
  const { rows, faults } = read(`\uFEFF${HEADER}\r\n${SALE}\r\n\r\n`, false, SCHEMA);
  expect(faults).toEqual([]);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ kind: "sale", amount: "128.00" });
});

test("faults name line, column and rule", () => {
  const rows = [
    SALE,
    SALE,
    "sale,T-2,yesterday,128.00,,,,,",
    "sale,T-3,2026-11-01T09:30:00+08:00,-5.00,,,,,",
    "refund,T-4,2026-11-01T09:30:00+08:00,0.00,,,,,",
    "rating,R-1,2026-11-01T09:30:00+08:00,1.00,6,,,,",
    "gift,G-1,2026-11-01T09:30:00+08:00,,,,,,",
    "sale,T-5",
  ];
  expect(found([HEADER, ...rows].join("\n"))).toEqual([
    "3 id duplicate",
    "4 occurred_at occurred_at_form",
    "5 amount amount_negative",
    "6 amount amount_zero",
    "7 stars stars_form",
    "7 amount not_for_kind",
    "8 kind kind_form",
    "9  row_cells",
  ]);
});

test("a sentence is filled with its values", () => {
  const [fault] = read(`${HEADER}\nsale,T-1,2026-11-01T09:30:00+08:00,,,,,,`, false, SCHEMA).faults;
  expect(fault?.notices).toEqual({ en: "It is needed for sale.", zh: "类型 sale 必须填写该列。" });
});

test("an unknown or missing column, an open quote and an empty file are told at once", () => {
  expect(found("kind,id,name\nsale,1,x")).toEqual(["1 name csv_header"]);
  expect(found("kind,id\nsale,1")).toEqual(["1 occurred_at csv_header_missing"]);
  expect(found(`${HEADER}\n"sale,T-1`)).toEqual(["2  csv_quotes"]);
  expect(found(HEADER)).toEqual(["1  file_empty"]);
});

test("JSON is an array of objects, whose numbers count as their text", () => {
  expect(found('[{"kind":"stock","id":1,"occurred_at":"2026-11-01T09:30:00Z","amount":50.5}]', true)).toEqual([]);
  expect(found('{"kind":"stock"}', true)).toEqual(["1  json_form"]);
  expect(found("[7]", true)).toEqual(["1  row_form"]);
});

test("quotes hold commas, quotes and line ends; lines are counted through them", () => {
  const { records } = csvRecords('a,"b ""c"", d\ne"\r\nf,g');
  expect(records).toEqual([
    { line: 1, cells: ["a", 'b "c", d\ne'] },
    { line: 3, cells: ["f", "g"] },
  ]);
});

test("UTF-8, UTF-16 and GBK are read", () => {
  expect(decoded(new TextEncoder().encode("销售"))).toBe("销售");
  expect(decoded(new Uint8Array([0xff, 0xfe, 0x00, 0x95]))).toBe("销");
  expect(decoded(new Uint8Array([0xcf, 0xfa, 0xca, 0xdb]))).toBe("销售");
});
