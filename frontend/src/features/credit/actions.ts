/** What a merchant, or whoever pays for one, signs on a credit line. Every figure is the chain's. */

import type { TFunction } from "i18next";
import { type Hex, type PublicClient, sha256, stringToBytes } from "viem";
import type { LineOwed, Texts } from "../../api/schema";
import { call } from "../../chain/call";
import { FiguresDiffer } from "../../chain/failures";
import type { Action, Effect } from "../../chain/send";
import { contract } from "../../chain/suite";
import { dateOfDay, money, percent, time } from "../../ui/format";
import { aDay, drawn, fenUp, nextStatement, split } from "./arithmetic";
import { type Purpose, PURPOSES, consentOf, gradeName, limitOf, lineOf, owedOf, quoteOf, requireSame } from "./chain";

export type Translate = TFunction<"credit">;

const OFFER_S = 600n;

/** What a wallet signs of a text: SHA-256 of the Chinese text followed by the English one. */
export const hashOf = ({ zh, en }: Texts): Hex => sha256(stringToBytes(zh + en));

export function draw(t: Translate, party: number, amount: bigint): Action {
  return {
    title: t("draw.title"),
    prepare: async (reader) => {
      const quote = await quoteOf(reader, party, amount);
      const [line, { feeBps }, { timestamp }] = await Promise.all([
        lineOf(reader, party),
        limitOf(reader, party),
        reader.getBlock(),
      ]);
      const deadline = timestamp + OFFER_S;
      const bill = nextStatement(drawn(line, amount, quote.annualRateBps));
      const billed = bill.interest + bill.principal;
      const effects: Effect[] = [
        { label: t("figure.amount"), value: money(amount), why: t("why.drawn", { drawn: money(quote.drawnAfter) }) },
        { label: t("figure.fee"), value: money(quote.fee), why: t("why.fee", { rate: percent(feeBps) }) },
        { label: t("figure.net"), value: money(quote.net), direction: "in", why: t("why.net") },
        {
          label: t("figure.rate"),
          value: percent(quote.annualRateBps),
          why: t("why.rate", {
            grade: gradeName(quote.grade),
            score: quote.score,
            average: percent(quote.averageRateBps),
          }),
        },
        { label: t("figure.perDay"), value: money(quote.interestPerDay), why: t("why.perDay") },
        {
          label: t("figure.nextBill"),
          value: money(billed),
          why: t("why.nextBill", {
            day: dateOfDay(quote.closeDay),
            interest: money(bill.interest),
            principal: money(bill.principal),
          }),
        },
        { label: t("figure.payBy"), value: dateOfDay(quote.payDay), why: t("why.payBy") },
        {
          label: t("figure.late"),
          value: t("figure.aDay", { amount: money(aDay(billed, line.lateRateBps)) }),
          why: t("why.late", { rate: percent(line.lateRateBps), days: line.cureDays }),
        },
        { label: t("figure.maturity"), value: dateOfDay(quote.maturityDay), why: t("why.maturity") },
        {
          label: t("figure.goodUntil"),
          value: time(deadline),
          why: t("why.guards", { net: money(quote.net), rate: percent(quote.annualRateBps) }),
        },
      ];
      return {
        effects,
        call: call("CreditLine", "draw", [amount, quote.net, quote.annualRateBps, Number(deadline)]),
      };
    },
  };
}

/** `said`: what the page showed as owed, if it had that from the service. */
export function repay(t: Translate, party: number, asked: bigint, said?: LineOwed): Action {
  return {
    title: t("repay.title"),
    prepare: async (reader) => {
      if (said) await requireSame(reader, party, said, t("figure.owed"));
      const [line, owed] = await Promise.all([lineOf(reader, party), owedOf(reader, party)]);
      const amount = asked < owed.total ? asked : owed.total;
      const to = split(line, amount);
      const saved = fenUp(line.perDay) - fenUp(to.perDay);
      const effects: Effect[] = [
        { label: t("figure.pay"), value: money(amount), direction: "out", why: t("why.pay", { party }) },
        { label: t("figure.toLate"), value: money(to.late), why: t("why.order1") },
        { label: t("figure.toInterest"), value: money(to.interest), why: t("why.order2") },
        { label: t("figure.toPrincipal"), value: money(to.principal), why: t("why.order3") },
        { label: t("figure.drawnAfter"), value: money(to.drawn), why: t("why.drawnAfter") },
        {
          label: t("figure.saved"),
          value: t("figure.aDay", { amount: money(saved) }),
          why: t("why.saved", { before: money(fenUp(line.perDay)), after: money(fenUp(to.perDay)) }),
        },
        { label: t("figure.owedAfter"), value: money(owed.total - amount), why: t("why.owedAfter") },
      ];
      return {
        effects,
        pays: { spender: "CreditLine", amount, by: "permit" },
        call: (permit) => call("CreditLine", "repayWithPermit", [party, amount, { value: amount, ...permit }]),
      };
    },
  };
}

/** `agreement`: the text that was read. What is signed is its hash, computed here. */
export function open(t: Translate, agreement: Texts): Action {
  return {
    title: t("open.title"),
    prepare: async (reader, account) => {
      const conditions = await reader.readContract({ ...contract("CreditLine"), functionName: "conditions" });
      const hash = hashOf(agreement);
      if (hash !== conditions.agreementHash)
        throw new FiguresDiffer(t("open.agreement"), hash, conditions.agreementHash);
      const { result: limit } = await reader.simulateContract({
        ...contract("CreditLine"),
        functionName: "open",
        args: [hash],
        account,
      });
      const effects: Effect[] = [
        { label: t("figure.limit"), value: money(limit), why: t("why.openLimit") },
        { label: t("figure.cost"), value: money(0), why: t("why.cost") },
        { label: t("figure.term"), value: t("days", { days: conditions.termDays }), why: t("why.maturity") },
        {
          label: t("figure.cycle"),
          value: t("days", { days: conditions.cycleDays }),
          why: t("why.cycle", { share: percent(conditions.instalmentBps), days: conditions.dueDays }),
        },
        {
          label: t("figure.lateRate"),
          value: percent(conditions.lateRateBps),
          why: t("why.lateRate", { days: conditions.cureDays }),
        },
        { label: t("open.agreement"), value: hash, why: t("why.textHash") },
      ];
      return { effects, call: call("CreditLine", "open", [hash]) };
    },
  };
}

export function close(t: Translate, party: number): Action {
  return {
    title: t("close.title"),
    prepare: async (reader) => {
      const [line, owed] = await Promise.all([lineOf(reader, party), owedOf(reader, party)]);
      const effects: Effect[] = [
        { label: t("figure.owed"), value: money(owed.total), why: t("why.closeOwed") },
        { label: t("figure.limitGone"), value: money(line.limit), why: t("why.closeAnew") },
      ];
      return { effects, call: call("CreditLine", "close", []) };
    },
  };
}

/** `text`: what was read; `hash`: what the service says its hash is. Throws FiguresDiffer when that is not so. */
export function grant(t: Translate, party: number, purpose: Purpose, text: Texts, said: string): Action {
  return {
    title: t("consent.grantTitle", { purpose: t(`purpose.${purpose}`) }),
    prepare: async (reader) => {
      const hash = hashOf(text);
      if (hash !== said) throw new FiguresDiffer(t("consent.hash"), said, hash);
      const [epoch] = await consentOf(reader, party, purpose);
      const effects: Effect[] = [
        { label: t("consent.what"), value: t(`purpose.${purpose}`), why: t(`consent.allows.${purpose}`) },
        { label: t("consent.hash"), value: hash, why: t("why.textHash") },
        { label: t("consent.epoch"), value: String(epoch + 1), why: t("consent.epochWhy") },
        { label: t("consent.public"), value: t("consent.forever"), why: t("consent.publicWhy") },
        { label: t("consent.back"), value: t("consent.anytime"), why: t(`consent.without.${purpose}`) },
      ];
      return { effects, call: call("CreditOracle", "grantConsent", [PURPOSES[purpose], hash]) };
    },
  };
}

export function revoke(t: Translate, party: number, purpose: Purpose): Action {
  return {
    title: t("consent.revokeTitle", { purpose: t(`purpose.${purpose}`) }),
    prepare: async (reader) => {
      const [epoch] = await consentOf(reader, party, purpose);
      const effects: Effect[] = [
        { label: t("consent.what"), value: t(`purpose.${purpose}`), why: t(`consent.without.${purpose}`) },
        { label: t("consent.ends"), value: String(epoch), why: t("consent.endsWhy") },
        { label: t("consent.from"), value: t("consent.atOnce"), why: t("consent.fromWhy") },
        ...(purpose === "Scoring" ? [await stillOwed(t, reader, party)] : []),
      ];
      return { effects, call: call("CreditOracle", "revokeConsent", [PURPOSES[purpose]]) };
    },
  };
}

async function stillOwed(t: Translate, reader: PublicClient, party: number): Promise<Effect> {
  const { total } = await owedOf(reader, party);
  return { label: t("figure.owed"), value: money(total), why: t("consent.owedStays") };
}
