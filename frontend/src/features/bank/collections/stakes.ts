/** What a step against a loan that is not paid does to its figures. All of them are the chain's. */

import type { TFunction } from "i18next";
import type { PublicClient } from "viem";
import type { Effect } from "../../../chain/send";
import { contract } from "../../../chain/suite";
import { todayOf } from "../../../chain/today";
import { dateOfDay, money, percent } from "../../../ui/format";
import type { Stakes } from "../duties/useDuty";

type Translate = TFunction<"bank">;

/** `interest`: all that is owed beside the principal today; `overdue`: what ends the arrears, if it is not all. */
export interface Loan {
  principal: bigint;
  overdue?: bigint;
  interest: bigint;
  impaired: bigint;
  impairmentBps: number;
  cureDays: number;
}

export type ReadLoan = (reader: PublicClient) => Promise<Loan>;

export const financing = (id: bigint) => async (reader: PublicClient) => {
  const [found, [principal, interest, collectable]] = await Promise.all([
    reader.readContract({ ...contract("Factoring"), functionName: "financingOf", args: [id] }),
    reader.readContract({ ...contract("Factoring"), functionName: "owedOf", args: [id] }),
  ]);
  const { impaired, overdueImpairmentBps: impairmentBps, cureDays } = found;
  return { principal, interest, collectable, impaired, impairmentBps, cureDays };
};

export const line = (party: number) => async (reader: PublicClient) => {
  const [found, owed] = await Promise.all([
    reader.readContract({ ...contract("CreditLine"), functionName: "lineOf", args: [party] }),
    reader.readContract({ ...contract("CreditLine"), functionName: "owedOf", args: [party] }),
  ]);
  const { impaired, overdueImpairmentBps: impairmentBps, cureDays } = found;
  const { principal, overdue, total } = owed;
  return { principal, interest: total - principal, overdue, impaired, impairmentBps, cureDays };
};

export const leaseLoan = (lease: bigint) => async (reader: PublicClient) => {
  const finance = contract("LeaseFinance");
  const args = [lease] as const;
  const [found, owed, { overdueImpairmentBps: impairmentBps }, { cureDays }] = await Promise.all([
    reader.readContract({ ...finance, functionName: "loanOf", args }),
    reader.readContract({ ...finance, functionName: "owedOf", args }),
    reader.readContract({ ...finance, functionName: "conditions" }),
    reader.readContract({ ...contract("EquipmentLease"), functionName: "termsOf", args }),
  ]);
  const { principal, impaired } = found;
  return { principal, interest: owed - principal, impaired, impairmentBps, cureDays };
};

export function stakesOf(
  t: Translate,
  read: ReadLoan,
): Record<"mark" | "giveNotice" | "declareDefault" | "writeOff", Stakes> {
  const impairment = (from: bigint, to: bigint, why: string): Effect => ({
    label: t("collections.impaired"),
    value: `${money(from)} → ${money(to)}`,
    why,
  });
  return {
    mark: async (reader) => {
      const loan = await read(reader);
      const { principal, impaired, impairmentBps } = loan;
      const why = t("collections.impairedAtOverdue", { rate: percent(impairmentBps) });
      return [...owed(t, loan), impairment(impaired, shareUp(principal, impairmentBps), why)];
    },
    giveNotice: async (reader) => {
      const [loan, today] = await Promise.all([read(reader), todayOf(reader)]);
      return [
        ...owed(t, loan),
        {
          label: t("collections.cureEnds"),
          value: dateOfDay(today + loan.cureDays),
          why: t("collections.cureEndsWhy", { days: loan.cureDays }),
        },
      ];
    },
    declareDefault: async (reader) => {
      const loan = await read(reader);
      return [...owed(t, loan), impairment(loan.impaired, loan.principal, t("collections.impairedInFull"))];
    },
    writeOff: async (reader) => {
      const [{ principal }, { cover }] = await Promise.all([
        read(reader),
        reader.readContract({ ...contract("Treasury"), functionName: "book" }),
      ]);
      const fromCover = cover < principal ? cover : principal;
      return [
        { label: t("collections.loss"), value: money(principal), why: t("collections.lossWhy") },
        {
          label: t("collections.fromCover"),
          value: money(fromCover),
          why: t("collections.fromCoverWhy", { cover: money(cover) }),
        },
        {
          label: t("collections.fromLenders"),
          value: money(principal - fromCover),
          why: t("collections.fromLendersWhy"),
        },
      ];
    },
  };
}

function owed(t: Translate, { principal, interest, overdue }: Loan): Effect[] {
  return [
    { label: t("collections.principal"), value: money(principal), why: t("collections.principalWhy") },
    { label: t("collections.interest"), value: money(interest), why: t("collections.interestWhy") },
    ...(overdue === undefined
      ? []
      : [{ label: t("customer.overdue"), value: money(overdue), why: t("collections.overdueWhy") }]),
  ];
}

/** What the debtor paid, and to whom it goes. */
export function collectStakes(t: Translate, id: bigint): Stakes {
  return async (reader) => {
    const { principal, interest, collectable } = await financing(id)(reader);
    const toBank = collectable < principal + interest ? collectable : principal + interest;
    return [
      { label: t("collections.collectable"), value: money(collectable), why: t("collections.collectableWhy") },
      { label: t("collections.toBank"), value: money(toBank), why: t("collections.toBankWhy") },
      { label: t("collections.toHolder"), value: money(collectable - toBank), why: t("collections.toHolderWhy") },
    ];
  };
}

const BPS = 10_000n;

/** Rounded up, as `Interest.shareUp`. */
const shareUp = (amount: bigint, bps: number) => (amount * BigInt(bps) + BPS - 1n) / BPS;
