/** What becomes of a confirmed claim before it is paid: split, passed on, disputed, partly waived. */

import type { Address, Hex } from "viem";
import { call } from "../../chain/call";
import type { Action } from "../../chain/send";
import { dateOfDay, money, shortHash } from "../../ui/format";
import { factsOf, owedOnPool, requireWalletOf } from "./facts";
import { reasonHash } from "./documents";
import { reasonEffects } from "./origination";
import type { Words } from "./words";

export function split(t: Words, id: number, faces: readonly bigint[]): Action {
  return {
    title: t("receivables:split.title", { id }),
    prepare: async (reader) => {
      const { face, dueDay, debtor } = await factsOf(reader, id);
      return {
        effects: [
          { label: t("receivables:split.whole"), value: money(face), why: t("receivables:split.wholeWhy") },
          ...faces.map((part, at) => ({ label: t("receivables:split.part", { at: at + 1 }), value: money(part) })),
          {
            label: t("receivables:debtor"),
            value: t("common:party", { party: debtor }),
            why: t("receivables:split.inherit", { date: dateOfDay(dueDay) }),
          },
        ],
        call: call("Receivables", "split", [BigInt(id), [...faces]]),
      };
    },
  };
}

export function passOn(t: Words, id: number, party: number, wallet: Address): Action {
  return {
    title: t("receivables:pass.title", { id }),
    prepare: async (reader, account) => {
      await requireWalletOf(reader, party, wallet, t);
      const { outstanding, claimable, dueDay, tier } = await factsOf(reader, id);
      return {
        effects: [
          {
            label: t("receivables:pass.gives"),
            value: money(outstanding),
            why: t("receivables:pass.givesWhy", { date: dateOfDay(dueDay) }),
          },
          { label: t("receivables:pass.to"), value: t("common:party", { party }), why: wallet },
          { label: t("receivables:pass.keeps"), value: money(claimable), why: t("receivables:pass.keepsWhy") },
          { label: t("receivables:tier"), value: `${tier} → ${tier + 1}`, why: t("receivables:tierWhy") },
          { label: t("receivables:pass.price"), value: "", why: t("receivables:pass.priceWhy") },
        ],
        call: call("Receivables", "transferFrom", [account, wallet, BigInt(id)]),
      };
    },
  };
}

export function dispute(t: Words, id: number, reason: string): Action {
  return {
    title: t("receivables:dispute.title", { id }),
    prepare: async (reader) => {
      const { outstanding, holder, dueDay } = await factsOf(reader, id);
      return {
        effects: [
          {
            label: t("receivables:outstanding"),
            value: money(outstanding),
            why: t("receivables:dispute.why", { date: dateOfDay(dueDay) }),
          },
          { label: t("receivables:holder"), value: shortHash(holder), why: t("receivables:dispute.holderWhy") },
          ...reasonEffects(t, reason),
        ],
        call: call("Receivables", "dispute", [BigInt(id), reasonHash(reason)]),
      };
    },
  };
}

export function withdrawDispute(t: Words, id: number): Action {
  return {
    title: t("receivables:dispute.withdrawTitle", { id }),
    prepare: async (reader) => {
      const { outstanding, dueDay } = await factsOf(reader, id);
      return {
        effects: [
          {
            label: t("receivables:act.youWillOwe"),
            value: money(outstanding),
            why: t("receivables:act.onDue", { date: dateOfDay(dueDay) }),
          },
          {
            label: t("receivables:act.next"),
            value: t("receivables:state.Confirmed"),
            why: t("receivables:dispute.withdrawWhy"),
          },
        ],
        call: call("Receivables", "withdrawDispute", [BigInt(id)]),
      };
    },
  };
}

export function creditNote(t: Words, id: number, amount: bigint, documentHash: Hex): Action {
  return {
    title: t("receivables:credit.title", { id }),
    prepare: async (reader) => {
      const facts = await factsOf(reader, id);
      const owed = facts.pool === BigInt(id) ? owedOnPool(facts) : facts.outstanding;
      return {
        effects: [
          {
            label: t("receivables:credit.waived"),
            value: money(amount),
            why: t("receivables:credit.waivedWhy"),
          },
          { label: t("receivables:credit.before"), value: money(owed) },
          { label: t("receivables:credit.after"), value: money(owed - amount) },
          { label: t("receivables:documentHash"), value: shortHash(documentHash) },
        ],
        call: call("Receivables", "issueCreditNote", [BigInt(id), amount, documentHash]),
      };
    },
  };
}
