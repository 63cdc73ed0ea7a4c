/** Money on a claim: financed, settled, collected, repaid, delivered. */

import type { Address, PublicClient } from "viem";
import type { Quote as Answer } from "../../api/schema";
import { call } from "../../chain/call";
import type { Action, Effect } from "../../chain/send";
import { contract } from "../../chain/suite";
import { dateOfDay, money, percent, time } from "../../ui/format";
import { balanceOf, factsOf, owedOnPool } from "./facts";
import type { Words } from "./words";

/** How long an offer that is signed is good for; the block time is the chain's. */
const OFFER_S = 600n;
const FIRST_GRADE = 65;

const factoring = contract("Factoring");

export function quoteOf(reader: PublicClient, id: number) {
  return reader.readContract({ ...factoring, functionName: "quote", args: [BigInt(id)] });
}

type OnChain = Awaited<ReturnType<typeof quoteOf>>;
type Conditions = "recourse" | "basis" | "graceDays" | "lateRateBps" | "lateCapBps";

/** An offer as it is shown. */
export type Quote = Omit<OnChain, "facility" | "startDay" | "seller" | "limitCap" | "holder"> & {
  facility: Pick<OnChain["facility"], Conditions>;
};

/** The same from the API, for those who look without a wallet. */
export function quoteOfAnswer(answer: Answer): Quote {
  return {
    ...answer,
    claim: BigInt(answer.claim),
    advance: BigInt(answer.advance),
    discount: BigInt(answer.discount),
    fee: BigInt(answer.fee),
    net: BigInt(answer.net),
    remainder: BigInt(answer.remainder),
    allInRateBps: BigInt(answer.allInRateBps),
    dueDay: answer.due.day,
    grade: answer.grade.charCodeAt(0) - FIRST_GRADE,
  };
}

/** Every figure of an offer, and how it comes about. */
export function quoteEffects(t: Words, quote: Quote): Effect[] {
  const { facility } = quote;
  return [
    {
      label: t("receivables:quote.net"),
      value: money(quote.net),
      direction: "in",
      why: t("receivables:quote.netWhy"),
    },
    { label: t("receivables:quote.claim"), value: money(quote.claim), why: t("receivables:quote.claimWhy") },
    {
      label: t("receivables:quote.advance"),
      value: money(quote.advance),
      why: t("receivables:quote.advanceWhy", { rate: percent(quote.advanceBps), grade: gradeOf(quote.grade) }),
    },
    {
      label: t("receivables:quote.discount"),
      value: money(quote.discount),
      why: t("receivables:quote.discountWhy", {
        rate: percent(quote.annualRateBps),
        term: quote.term,
        basis: facility.basis,
        advance: money(quote.advance),
      }),
    },
    {
      label: t("receivables:quote.fee"),
      value: money(quote.fee),
      why: t("receivables:quote.feeWhy", { rate: percent(quote.feeBps) }),
    },
    {
      label: t("receivables:quote.remainder"),
      value: money(quote.remainder),
      why: t("receivables:quote.remainderWhy"),
    },
    { label: t("receivables:quote.allIn"), value: percent(quote.allInRateBps), why: t("receivables:quote.allInWhy") },
    {
      label: t("receivables:due"),
      value: dateOfDay(quote.dueDay),
      why: t("receivables:quote.dueWhy", { term: quote.term }),
    },
    {
      label: t("receivables:quote.grade"),
      value: `${gradeOf(quote.grade)} · ${quote.score}`,
      why: t("receivables:quote.gradeWhy", { party: quote.debtor }),
    },
    {
      label: t("receivables:quote.recourse"),
      value: t(facility.recourse ? "common:yes" : "common:no"),
      why: t(facility.recourse ? "receivables:quote.recourseWhy" : "receivables:quote.noRecourseWhy", {
        amount: money(quote.advance),
      }),
    },
    {
      label: t("receivables:quote.late"),
      value: percent(facility.lateRateBps),
      why: t("receivables:quote.lateWhy", { grace: facility.graceDays, cap: percent(facility.lateCapBps) }),
    },
  ];
}

const gradeOf = (grade: number) => String.fromCharCode(FIRST_GRADE + grade);

/** The net amount that is shown is the least that is accepted. */
export function finance(t: Words, id: number): Action {
  return {
    title: t("receivables:finance.title", { id }),
    prepare: async (reader) => {
      const [quote, { timestamp }] = await Promise.all([quoteOf(reader, id), reader.getBlock()]);
      const deadline = timestamp + OFFER_S;
      return {
        effects: [
          ...quoteEffects(t, quote),
          {
            label: t("receivables:act.deadline"),
            value: time(deadline),
            why: t("receivables:finance.deadlineWhy", { net: money(quote.net) }),
          },
        ],
        call: call("Factoring", "finance", [BigInt(id), quote.net, Number(deadline)]),
      };
    },
  };
}

/** Pays on the pool of a receivable: `amount`, or all that is owed. Anybody may pay for the debtor. */
export function settle(t: Words, id: number, amount?: bigint): Action {
  return {
    title: t("receivables:settle.title", { id }),
    prepare: async (reader, account) => {
      const [facts, balance] = await Promise.all([factsOf(reader, id), balanceOf(reader, account)]);
      const owed = owedOnPool(facts);
      const pays = amount === undefined || amount > owed ? owed : amount;
      const shared = facts.pool !== BigInt(id) || facts.poolFace !== facts.face;
      return {
        effects: [
          {
            label: t("receivables:settle.pay"),
            value: money(pays),
            direction: "out",
            why: t(shared ? "receivables:settle.sharedWhy" : "receivables:settle.payWhy", { pool: Number(facts.pool) }),
          },
          { label: t(shared ? "receivables:settle.poolBefore" : "receivables:settle.before"), value: money(owed) },
          { label: t(shared ? "receivables:settle.poolAfter" : "receivables:settle.after"), value: money(owed - pays) },
          { label: t("receivables:due"), value: dateOfDay(facts.dueDay), why: t("receivables:act.dueWhy") },
          { label: t("receivables:settle.balance"), value: money(balance), why: t("receivables:settle.balanceWhy") },
        ],
        pays: { spender: "Receivables", amount: pays, by: "permit" },
        call: (permit) => call("Receivables", "settleWithPermit", [BigInt(id), pays, { value: pays, ...permit }]),
      };
    },
  };
}

/** Brings what the debtor paid on a financed claim to the bank, and frees the rest for the holder. */
export function collect(t: Words, id: number): Action {
  return {
    title: t("receivables:collect.title", { id }),
    prepare: async (reader) => {
      const [principal, late, collectable] = await owedOf(reader, id);
      const toBank = collectable < principal + late ? collectable : principal + late;
      return {
        effects: [
          { label: t("receivables:collect.paid"), value: money(collectable), why: t("receivables:collect.paidWhy") },
          {
            label: t("receivables:collect.bank"),
            value: money(toBank),
            why: t("receivables:collect.bankWhy", { principal: money(principal), late: money(late) }),
          },
          {
            label: t("receivables:collect.rest"),
            value: money(collectable - toBank),
            why: t("receivables:collect.restWhy"),
          },
        ],
        call: call("Factoring", "collect", [BigInt(id)]),
      };
    },
  };
}

export function owedOf(reader: PublicClient, id: number) {
  return reader.readContract({ ...factoring, functionName: "owedOf", args: [BigInt(id)] });
}

/** The holder repays the advance itself and has the claim back. */
export function repay(t: Words, id: number): Action {
  return {
    title: t("receivables:repay.title", { id }),
    prepare: async (reader, account) => {
      const [[principal, late], balance] = await Promise.all([owedOf(reader, id), balanceOf(reader, account)]);
      const pays = principal + late;
      return {
        effects: [
          { label: t("receivables:repay.pay"), value: money(pays), direction: "out", why: t("receivables:repay.why") },
          { label: t("receivables:financing.owed"), value: money(principal) },
          { label: t("receivables:repay.late"), value: money(late) },
          { label: t("receivables:settle.balance"), value: money(balance), why: t("receivables:settle.balanceWhy") },
        ],
        pays: { spender: "Factoring", amount: pays, by: "permit" },
        call: (permit) => call("Factoring", "repayWithPermit", [BigInt(id), pays, { value: pays, ...permit }]),
      };
    },
  };
}

/** Pays what arrived on an unpledged claim out to its holder. */
export function release(t: Words, id: number): Action {
  return {
    title: t("receivables:release.title", { id }),
    prepare: async (reader, account) => {
      const { claimable, holder } = await factsOf(reader, id);
      return {
        effects: [
          {
            label: t("receivables:claimable"),
            value: money(claimable),
            ...(holder === account ? { direction: "in" as const } : {}),
            why: t("receivables:release.why"),
          },
          { label: t("receivables:holder"), value: holder },
        ],
        call: call("Receivables", "release", [BigInt(id)]),
      };
    },
  };
}

/** Pays out what was already paid on claims before they were passed on. */
export function releaseCredit(t: Words, holder: Address, currency: number): Action {
  return {
    title: t("receivables:credits.title"),
    prepare: async (reader) => {
      const receivables = contract("Receivables");
      const amount = await reader.readContract({
        ...receivables,
        functionName: "creditOf",
        args: [holder, currency],
      });
      return {
        effects: [
          {
            label: t("receivables:credits.amount"),
            value: money(amount),
            direction: "in",
            why: t("receivables:credits.why"),
          },
        ],
        call: call("Receivables", "releaseCredit", [holder, currency]),
      };
    },
  };
}
