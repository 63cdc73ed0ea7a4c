/** What the chain names by its hash in the life of a receivable: papers, and reasons. */

import type { Happening, ReceivableDetail } from "../../api/schema";
import type { Words } from "./words";

export interface Named {
  what: string;
  at: string | null;
  hash: string;
}

/** Those of the registration first, then whatever came later. */
export function papersOf(t: Words, of: ReceivableDetail): Named[] {
  const registered = { what: t("receivables:documents.of.registration"), at: of.registeredAt, hash: of.documentHash };
  return [
    registered,
    ...named(of.timeline, "documentHash", {
      CreditNoteIssued: t("receivables:documents.of.creditNote"),
      NoticeGiven: t("receivables:documents.of.notice"),
    }),
  ];
}

export function reasonsOf(t: Words, of: ReceivableDetail): Named[] {
  return named(of.timeline, "reason", {
    ReceivableRejected: t("receivables:reason.of.reject"),
    ReceivableDisputed: t("receivables:reason.of.dispute"),
  });
}

function named(timeline: readonly Happening[], field: string, events: Readonly<Record<string, string>>): Named[] {
  return timeline.flatMap(({ event, at, arguments: found }) => {
    const [what, hash] = [events[event], found[field]];
    return what && typeof hash === "string" ? [{ what, at, hash }] : [];
  });
}
