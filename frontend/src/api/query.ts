/** API answers as queries; a second one for the same question shares the first one's answer. */

import { QueryClient, useQuery } from "@tanstack/react-query";
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
  return useQuery({
    queryKey: ["api", path, parameters],
    queryFn: () => get(path, parameters),
    enabled,
  });
}
