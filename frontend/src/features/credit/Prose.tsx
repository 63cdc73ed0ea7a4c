/** The texts that people sign, which are Markdown of headings, paragraphs and lists. */

import { Fragment, type ReactNode } from "react";
import { type Block, blocks, pieces } from "./markdown";

/** Headings stand below the page's own. */
export function Prose({ text }: { text: string }) {
  return <div className="prose">{blocks(text).map(shown)}</div>;
}

function shown(block: Block, at: number): ReactNode {
  switch (block.kind) {
    case "heading":
      return block.level === 1 ? <h3 key={at}>{inline(block.text)}</h3> : <h4 key={at}>{inline(block.text)}</h4>;
    case "list": {
      const items = block.items.map((item) => <li key={item}>{inline(item)}</li>);
      return block.ordered ? <ol key={at}>{items}</ol> : <ul key={at}>{items}</ul>;
    }
    case "paragraph":
      return <p key={at}>{inline(block.text)}</p>;
  }
}

function inline(text: string): ReactNode {
  return pieces(text).map(({ kind, text }, at) => {
    if (kind === "strong") return <strong key={`${at} ${text}`}>{text}</strong>;
    if (kind === "code") return <code key={`${at} ${text}`}>{text}</code>;
    return <Fragment key={`${at} ${text}`}>{text}</Fragment>;
  });
}
