/** A word that says how something stands; the frame's colour only repeats it. */

import type { PropsWithChildren } from "react";

export function Badge({
  tone = "plain",
  children,
}: PropsWithChildren<{ tone?: "plain" | "good" | "warning" | "bad" }>) {
  return <span className={`badge badge-${tone}`}>{children}</span>;
}
