/** The little Markdown of agreements and consent texts: headings, paragraphs, lists, **strong** and `code`. */

export type Block =
  | { kind: "heading"; level: number; text: string }
  | { kind: "list"; ordered: boolean; items: readonly string[] }
  | { kind: "paragraph"; text: string };

export type Piece = { kind: "plain" | "strong" | "code"; text: string };

export function blocks(text: string): readonly Block[] {
  const found: Block[] = [];
  let lines: string[] = [];
  const end = () => {
    if (lines.length) found.push(...blockOf(lines));
    lines = [];
  };
  for (const line of text.split(/\r?\n/)) {
    if (line.trim()) lines.push(line);
    else end();
  }
  end();
  return found;
}

function blockOf(lines: readonly string[]): readonly Block[] {
  const heading = /^(#+) (.*)$/.exec(lines[0]!);
  if (heading) {
    const rest = lines.slice(1);
    const first: Block = { kind: "heading", level: heading[1]!.length, text: heading[2]! };
    return rest.length ? [first, ...blockOf(rest)] : [first];
  }
  for (const [ordered, mark] of [[false, /^- /] as const, [true, /^\d+\. /] as const])
    if (lines.every((line) => mark.test(line)))
      return [{ kind: "list", ordered, items: lines.map((line) => line.replace(mark, "")) }];
  return [{ kind: "paragraph", text: lines.join(" ") }];
}

export function pieces(text: string): readonly Piece[] {
  return text
    .split(/(\*\*[^*]+\*\*|`[^`]+`)/)
    .filter(Boolean)
    .map((part): Piece => {
      if (part.startsWith("**")) return { kind: "strong", text: part.slice(2, -2) };
      if (part.startsWith("`")) return { kind: "code", text: part.slice(1, -1) };
      return { kind: "plain", text: part };
    });
}
