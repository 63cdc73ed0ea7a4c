/** How a part of the dApp names its pages; `routes.tsx` collects them. */

import { useParams } from "@tanstack/react-router";
import type { ComponentType } from "react";

export interface PageRoute {
  /** As TanStack Router writes it: `/receivables/$id`. */
  path: string;
  load: () => Promise<{ default: ComponentType }>;
}

/** A number in the path, such as the `$id` of `/receivables/$id`; NaN when somebody typed none. */
export function useNumber(name: string): number {
  const found: Record<string, string | undefined> = useParams({ strict: false });
  return /^\d{1,10}$/.test(found[name] ?? "") ? Number(found[name]) : Number.NaN;
}

export function useText(name: string): string {
  const found: Record<string, string | undefined> = useParams({ strict: false });
  return found[name] ?? "";
}
