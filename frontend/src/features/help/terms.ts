/** The glossary's table, out of its document. */

export interface Term {
  zh: string;
  en: string;
  identifier: string;
}

export function termsIn(markdown: string): Term[] {
  const rows = markdown.split("\n").filter((line) => line.startsWith("|"));
  return rows
    .map((line) => line.split("|").map((cell) => cell.trim().replaceAll("`", "")))
    .filter(([, zh]) => zh && !/^-+$/.test(zh) && zh !== "中文")
    .map(([, zh = "", en = "", identifier = ""]) => ({ zh, en, identifier }));
}
