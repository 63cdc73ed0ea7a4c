/** Receivables, page after page. */

import type { Parameters } from "../../api/client";
import { usePages } from "../../api/pages";

export const useReceivables = (parameters: Parameters, enabled = true) =>
  usePages("/v1/receivables", parameters, { enabled });

/** All of them at once: for sums that leave nothing out. */
export const useAllReceivables = (parameters: Parameters, enabled = true) =>
  usePages("/v1/receivables", parameters, { enabled, whole: true });
