/** Lists of the API that go on: their pages one after the other. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { type Parameters, get } from "./client";
import type { GetRoutes } from "./schema";

const AT_ONCE = 100;

interface Page {
  items: readonly unknown[];
  next: string | null;
}

/** Routes that answer with a page of a list. */
export type ListPath = {
  [Path in keyof GetRoutes]: GetRoutes[Path]["answer"] extends Page ? Path : never;
}[keyof GetRoutes];
export type RowOf<Path extends ListPath> = GetRoutes[Path]["answer"]["items"][number];

export interface Options {
  enabled?: boolean;
  /** Ask for every page at once: for lists in which one missing row would tell something wrong. */
  whole?: boolean;
  refetchInterval?: number;
}

/** As `useApi`; `data`: rows of all pages so far, undefined before the first, and with `whole` before the last. */
export function usePages<Path extends ListPath>(path: Path, parameters: Parameters = {}, options: Options = {}) {
  const { enabled = true, whole = false, refetchInterval = false } = options;
  const found = useInfiniteQuery({
    queryKey: ["api", path, "pages", parameters],
    queryFn: ({ pageParam }) => get(path, { limit: AT_ONCE, ...parameters, after: pageParam }) as Promise<Page>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    enabled,
    refetchInterval,
  });
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = found;
  const goOn = whole && hasNextPage && !isFetching && !isError;
  useEffect(() => {
    if (goOn) void fetchNextPage();
  }, [goOn, fetchNextPage]);
  const rows: readonly RowOf<Path>[] | undefined = data?.pages.flatMap(({ items }) => items as RowOf<Path>[]);
  return { ...found, data: whole && hasNextPage ? undefined : rows };
}

export type Pages = Pick<ReturnType<typeof usePages>, "hasNextPage" | "isFetchingNextPage" | "fetchNextPage">;
