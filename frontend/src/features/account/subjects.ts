/** Where the thing is that a message speaks of. */

import type { Subject } from "../../api/schema";

export function pathOf({ type, id }: Subject): string {
  switch (type) {
    case "receivable":
      return `/receivables/${id}`;
    case "lease":
      return `/leases/${id}`;
    case "machine":
      return `/leases/machines/${id}`;
    case "party":
      return `/parties/${id}`;
    case "line":
      return "/credit";
    case "score":
      return "/credit/score";
    case "model":
    case "operation":
      return "/bank/review";
  }
}
