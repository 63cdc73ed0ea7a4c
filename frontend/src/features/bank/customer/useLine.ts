/** A party's line, if it has ever opened one: lines are listed first, for to ask for one that is not there is an error. */

import { usePages } from "../../../api/pages";
import { useApi } from "../../../api/query";

/** `none` once it is known that there is no line. */
export function useLine(party: number) {
  const lines = useApi("/v1/lines", { after: party - 1, limit: 1 });
  const listed = lines.data?.items.some((one) => one.party === party) ?? false;
  const line = useApi("/v1/lines/{party}", { party }, listed);
  return { line, none: lines.data !== undefined && !listed };
}

/** The same of its score: what was never reported is not asked for. */
export function useScore(party: number) {
  const history = usePages("/v1/parties/{party}/score/history", { party });
  const reported = (history.data?.length ?? 0) > 0;
  const score = useApi("/v1/parties/{party}/score", { party }, reported);
  return { score, history, none: history.data !== undefined && !reported };
}
