/** A list of the API that goes on: its pages one after the other. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { type Parameters, get } from "../../api/client";
import type { Receivable } from "../../api/schema";

export function useReceivables(parameters: Parameters, enabled = true) {
  const found = useInfiniteQuery({
    queryKey: ["api", "/v1/receivables", "pages", parameters],
    queryFn: ({ pageParam }) => get("/v1/receivables", { limit: 100, ...parameters, after: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    enabled,
  });
  const rows: readonly Receivable[] | undefined = found.data?.pages.flatMap(({ items }) => items);
  return { ...found, rows };
}
