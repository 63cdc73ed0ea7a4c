/** What brings a claim into the world and what takes it back: register, issue, confirm, reject, cancel. */

import type { Address, Hex } from "viem";
import type { Receivable } from "../../api/schema";
import { call } from "../../chain/call";
import type { Action, Effect } from "../../chain/send";
import { dateOfDay, money, shortHash, time } from "../../ui/format";
import { plainReason, reasonHash } from "./documents";
import { type Confirmation, confirmationOf, currencyNumber, factsOf, requireSame, requireWalletOf } from "./facts";
import type { Words } from "./words";

export interface Claim {
  debtor: number;
  face: bigint;
  dueDay: number;
  fingerprint: Hex;
  documentHash: Hex;
}

/** As many as the contract takes in one transaction. */
export const MOST_IN_ONE = 100;

export function register(t: Words, claims: readonly Claim[]): Action {
  const [first] = claims;
  if (!first) throw new Error("nothing to register");
  const single = claims.length === 1;
  return {
    title: single ? t("receivables:register.title") : t("receivables:register.batch", { count: claims.length }),
    prepare: async (reader) => {
      const currency = await currencyNumber(reader);
      const registrations = claims.map((claim) => ({ ...claim, currency }));
      return {
        effects: single ? claimEffects(t, first) : batchEffects(t, claims),
        call: single
          ? call("Receivables", "register", [{ ...first, currency }])
          : call("Receivables", "registerBatch", [registrations]),
      };
    },
  };
}

export function issue(t: Words, claim: Claim, creditor: number, wallet: Address): Action {
  return {
    title: t("receivables:register.issueTitle", { party: creditor, amount: money(claim.face) }),
    prepare: async (reader) => {
      await requireWalletOf(reader, creditor, wallet, t);
      const currency = await currencyNumber(reader);
      return {
        effects: [
          { label: t("receivables:creditor"), value: t("common:party", { party: creditor }), why: wallet },
          {
            label: t("receivables:act.youWillOwe"),
            value: money(claim.face),
            why: t("receivables:act.onDue", { date: dateOfDay(claim.dueDay) }),
          },
          { label: t("receivables:fingerprint"), value: shortHash(claim.fingerprint) },
          { label: t("receivables:documentHash"), value: shortHash(claim.documentHash) },
          { label: t("receivables:act.irrevocable"), value: "", why: t("receivables:act.irrevocableWhy") },
        ],
        call: call("Receivables", "issue", [{ ...claim, currency }, wallet]),
      };
    },
  };
}

function claimEffects(t: Words, claim: Claim): Effect[] {
  return [
    { label: t("receivables:debtor"), value: t("common:party", { party: claim.debtor }) },
    { label: t("receivables:face"), value: money(claim.face), why: t("receivables:act.faceWhy") },
    { label: t("receivables:due"), value: dateOfDay(claim.dueDay), why: t("receivables:act.dueWhy") },
    {
      label: t("receivables:fingerprint"),
      value: shortHash(claim.fingerprint),
      why: t("receivables:act.fingerprintWhy"),
    },
    { label: t("receivables:documentHash"), value: shortHash(claim.documentHash) },
    {
      label: t("receivables:act.next"),
      value: t("receivables:state.Registered"),
      why: t("receivables:act.registeredWhy"),
    },
  ];
}

function batchEffects(t: Words, claims: readonly Claim[]): Effect[] {
  const total = claims.reduce((sum, { face }) => sum + face, 0n);
  return [
    { label: t("receivables:act.count"), value: String(claims.length), why: t("receivables:act.allOrNone") },
    { label: t("receivables:act.total"), value: money(total) },
    ...claims.map(({ debtor, face, dueDay }, at) => ({
      label: `${at + 1}. ${t("common:party", { party: debtor })} · ${dateOfDay(dueDay)}`,
      value: money(face),
    })),
  ];
}

export function confirm(t: Words, shown: readonly Receivable[]): Action {
  const [first] = shown;
  if (!first) throw new Error("nothing to confirm");
  const single = shown.length === 1;
  return {
    title: single
      ? t("receivables:confirm.one", { id: first.id })
      : t("receivables:confirm.many", { count: shown.length }),
    prepare: async (reader) => {
      const confirmations = await Promise.all(shown.map((one) => confirmationOf(reader, one, t)));
      return {
        effects: confirmationEffects(t, confirmations),
        call: single
          ? call("Receivables", "confirm", [confirmations[0]!])
          : call("Receivables", "confirmBatch", [confirmations]),
      };
    },
  };
}

export function confirmationEffects(t: Words, confirmations: readonly Confirmation[]): Effect[] {
  const total = confirmations.reduce((sum, { face }) => sum + face, 0n);
  return [
    ...confirmations.map(({ id, creditor, face, dueDay }) => ({
      label: `${t("receivables:number", { id: Number(id) })} · ${t("common:party", { party: creditor })}`,
      value: money(face),
      why: t("receivables:act.onDue", { date: dateOfDay(dueDay) }),
    })),
    {
      label: t("receivables:act.youWillOwe"),
      value: money(total),
      why: t("receivables:act.toHolder"),
    },
    { label: t("receivables:act.irrevocable"), value: "", why: t("receivables:act.irrevocableWhy") },
  ];
}

export interface SignedConfirmation {
  confirmation: Confirmation;
  signer: Address;
  /** Second after which it is void. */
  deadline: bigint;
  signature: Hex;
}

export function relay(t: Words, { confirmation, signer, deadline, signature }: SignedConfirmation): Action {
  return {
    title: t("receivables:relay.title", { id: Number(confirmation.id) }),
    prepare: async (reader) => {
      requireSame(t, confirmation, await factsOf(reader, Number(confirmation.id)));
      return {
        effects: [
          { label: t("receivables:creditor"), value: t("common:party", { party: confirmation.creditor }) },
          { label: t("receivables:face"), value: money(confirmation.face) },
          { label: t("receivables:due"), value: dateOfDay(confirmation.dueDay) },
          { label: t("receivables:relay.signer"), value: shortHash(signer), why: t("receivables:relay.signerWhy") },
          { label: t("receivables:act.deadline"), value: time(deadline) },
        ],
        call: call("Receivables", "confirmBySignature", [confirmation, signer, deadline, signature]),
      };
    },
  };
}

export function reject(t: Words, shown: Receivable, reason: string): Action {
  return {
    title: t("receivables:reject.title", { id: shown.id }),
    prepare: async (reader) => {
      const { id, face, creditor, fingerprint } = await confirmationOf(reader, shown, t);
      return {
        effects: [
          { label: t("receivables:creditor"), value: t("common:party", { party: creditor }) },
          { label: t("receivables:face"), value: money(face), why: t("receivables:reject.why") },
          ...reasonEffects(t, reason),
        ],
        call: call("Receivables", "reject", [id, fingerprint, reasonHash(reason)]),
      };
    },
  };
}

export function cancel(t: Words, shown: Receivable): Action {
  return {
    title: t("receivables:cancel.title", { id: shown.id }),
    prepare: async (reader) => {
      const { id, face, fingerprint } = await confirmationOf(reader, shown, t);
      return {
        effects: [
          { label: t("receivables:debtor"), value: t("common:party", { party: shown.debtor }) },
          { label: t("receivables:face"), value: money(face), why: t("receivables:cancel.why") },
        ],
        call: call("Receivables", "cancel", [id, fingerprint]),
      };
    },
  };
}

/** The words, which stay here, and what is signed of them. */
export function reasonEffects(t: Words, reason: string): Effect[] {
  return [
    { label: t("receivables:reason.label"), value: plainReason(reason), why: t("receivables:reason.why") },
    { label: t("receivables:reason.hash"), value: shortHash(reasonHash(reason)), why: t("receivables:reason.hashWhy") },
  ];
}
