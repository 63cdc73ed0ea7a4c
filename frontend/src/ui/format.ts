/** Figures as people read them. Amounts are whole fen, never floats; dates are calendar days in Beijing. */

const FEN = 100n;
const WAN = 10_000n * FEN;
const YI = 10_000n * WAN;
const DAY_MS = 86_400_000;
const BEIJING_MS = 28_800_000;

export type Scale = "plain" | "short";

/** "¥97,312.50"; `short`: "¥9.73万", "¥1.25亿", rounded down, which is for reading and never for signing. */
export function money(fen: bigint | string | number, scale: Scale = "plain"): string {
  const value = BigInt(fen);
  const [sign, size] = value < 0n ? ["−", -value] : ["", value];
  if (scale === "short" && size >= YI) return `${sign}¥${hundredths(size, YI)}亿`;
  if (scale === "short" && size >= WAN) return `${sign}¥${hundredths(size, WAN)}万`;
  return `${sign}¥${grouped(size / FEN)}.${String(size % FEN).padStart(2, "0")}`;
}

/** What somebody typed, as fen; undefined for what is no amount with at most two decimals. Takes `,` between thousands. */
export function fenOf(typed: string): bigint | undefined {
  const found = /^\s*¥?\s*(\d{1,13}|\d{1,3}(?:,\d{3}){1,4})(?:\.(\d{1,2}))?\s*$/.exec(typed);
  if (!found) return undefined;
  return BigInt(found[1]!.replaceAll(",", "")) * FEN + BigInt((found[2] ?? "").padEnd(2, "0") || "0");
}

/** Fen as one types them: "97312.50". */
export function plainYuan(fen: bigint): string {
  return `${fen / FEN}.${String(fen % FEN).padStart(2, "0")}`;
}

export function grouped(value: bigint | number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Basis points as percent: 435 → "4.35%". */
export function percent(bps: number | bigint): string {
  return `${(Number(bps) / 100).toFixed(2)}%`;
}

/** Days since 1970-01-01 in Beijing → "2026-11-22". */
export function dateOfDay(day: number | bigint): string {
  return new Date(Number(day) * DAY_MS).toISOString().slice(0, 10);
}

export function dayOfDate(date: string): number {
  return Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY_MS);
}

/** "2026-11-22" → "2026年11月22日", "22 Nov 2026". */
export function dateInWords(date: string, language: "zh" | "en"): string {
  const [tag, dateStyle] = language === "zh" ? (["zh-CN", "long"] as const) : (["en-GB", "medium"] as const);
  return new Intl.DateTimeFormat(tag, { dateStyle, timeZone: "UTC" }).format(new Date(date));
}

/** Seconds, or ISO text, → "2026-11-22 17:05" in Beijing. */
export function time(at: number | bigint | string): string {
  const moment = typeof at === "string" ? new Date(at) : new Date(Number(at) * 1000);
  return new Intl.DateTimeFormat("sv-SE", {
    timeZone: "Asia/Shanghai",
    dateStyle: "short",
    timeStyle: "short",
  }).format(moment);
}

/**
 * ISO text of a moment or a day → milliseconds whose UTC is the clock in Beijing then: for charts, which know UTC and the
 * browser's own time alone, and put their ticks at the hours of one of the two.
 */
export function onAxis(at: string): number {
  return Date.parse(at) + (at.includes("T") ? BEIJING_MS : 0);
}

/** "0x7099…79C8" */
export function shortHash(hash: string): string {
  return hash.length > 12 ? `${hash.slice(0, 6)}…${hash.slice(-4)}` : hash;
}

function hundredths(size: bigint, unit: bigint): string {
  const scaled = (size * 100n) / unit;
  return `${grouped(scaled / 100n)}.${String(scaled % 100n).padStart(2, "0")}`;
}
