/** What the service knows of a party's credit, if anything: lists are asked first, for to ask for what it does not know
    is an error. */

import { usePages } from "./pages";
import { useApi } from "./query";

/** A line. `none` once it is known that there is none. */
export function useToldLine(party: number) {
  const lines = useApi("/v1/lines", { after: party - 1, limit: 1 });
  const listed = lines.data?.items.some((one) => one.party === party) ?? false;
  const line = useApi("/v1/lines/{party}", { party }, listed);
  return { line, none: lines.data !== undefined && !listed };
}

/** A score and its history. `none` once it is known that nothing was ever reported. */
export function useToldScore(party: number) {
  const history = usePages("/v1/parties/{party}/score/history", { party });
  const reported = (history.data?.length ?? 0) > 0;
  const score = useApi("/v1/parties/{party}/score", { party }, reported);
  return { score, history, none: history.data !== undefined && !reported };
}
