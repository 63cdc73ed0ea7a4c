/** API answers as queries; a second one for the same question shares the first one's answer. */

import { QueryClient, queryOptions, useQueries, useQuery } from "@tanstack/react-query";
import { ApiProblem, type Parameters, get } from "./client";
import type { GetRoutes } from "./schema";

const FRESH_MS = 10_000;
const RETRIES = 2;

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      // What was refused for a reason is refused again.
      retry: (count, error) => count < RETRIES && !(error instanceof ApiProblem && error.problem.status < 500),
    },
  },
});

/** The answer of a GET route; kept fresh by the live events (`api/live`). */
export function useApi<Path extends keyof GetRoutes>(path: Path, parameters: Parameters = {}, enabled = true) {
  return useQuery({ ...asking(path, parameters), enabled });
}

/** The answers of one GET route to several questions; there once all of them are. */
export function useEach<Path extends keyof GetRoutes>(path: Path, questions: readonly Parameters[]) {
  const found = useQueries({ queries: questions.map((parameters) => asking(path, parameters)) });
  const answers = found.flatMap(({ data }) => (data === undefined ? [] : [data]));
  return {
    data: answers.length === questions.length ? answers : undefined,
    error: found.find(({ error }) => error)?.error,
    refetch: () => found.map(({ refetch }) => refetch()),
  };
}

const asking = <Path extends keyof GetRoutes>(path: Path, parameters: Parameters) =>
  queryOptions({ queryKey: ["api", path, parameters], queryFn: () => get(path, parameters) });
