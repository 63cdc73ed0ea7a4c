/** Every step of a lease that somebody can take, with what it does in figures of the chain. */

import type { TFunction } from "i18next";
import type { PublicClient } from "viem";
import type { Me } from "../../api/me";
import type { LeaseDetail } from "../../api/schema";
import { type Call, call } from "../../chain/call";
import { FiguresDiffer } from "../../chain/failures";
import type { Permit } from "../../chain/permit";
import type { Action, Effect, Plan } from "../../chain/send";
import { contract } from "../../chain/suite";
import { todayOf } from "../../chain/today";
import type { leases } from "../../text/zh/leases";
import { dateOfDay, money, percent, plainYuan, shortHash, time } from "../../ui/format";
import type { Given, Step } from "./StepForm";
import type { LeaseStatus } from "./links";
import { hoursOfTenths } from "./meter";

export type Translate = TFunction<["leases", "common"]>;
export type Who = keyof typeof leases.by;
type StepName = keyof typeof leases.step;
type EffectName = keyof typeof leases.effect;

export interface LeaseStep extends Step {
  by: Who;
}

const OFFER_S = 600;
/** Of `IRentLedger.Clock`. */
const STOPPED = 4;
const RUNNING: readonly LeaseStatus[] = ["Active", "Overdue", "Defaulted", "Accelerated", "Rescinded"];

/** `permit` as the contracts take it. */
function paying(amount: bigint, { deadline, v, r, s }: Permit) {
  return { value: amount, deadline, v, r, s };
}

/** Nothing is signed when the API said something else. */
export function requireSame(what: string, said: string, found: bigint): void {
  if (BigInt(said) !== found) throw new FiguresDiffer(what, money(said), money(found));
}

/** Steps that the lease is open to now, by anybody. */
export function stepsOf(lease: LeaseDetail, t: Translate): LeaseStep[] {
  const all = new Steps(lease, t);
  const status = lease.today.status;
  const owed = BigInt(lease.today.rent) + BigInt(lease.today.late);
  const isOver = lease.period === lease.periods && owed === 0n && (status === "Active" || status === "Accelerated");
  const isOffered = !!saleOf(lease);
  // While the lessee disputes, the creditor may only unlock.
  const pursued = lease.disputed ? undefined : status;
  const open: readonly (readonly [boolean, () => LeaseStep])[] = [
    [status === "Signed", all.payDeposit],
    [status === "Secured", all.acceptDelivery],
    [owed > 0n, all.pay],
    [isOver && !lease.returnDeclared, all.declareReturn],
    [isOver, all.confirmReturn],
    [status !== "Returned" && !!lease.returnDeclared, all.objectToReturn],
    [RUNNING.includes(status) && status !== "Rescinded", all.buyOut],
    [RUNNING.includes(status) && !lease.disputed, all.dispute],
    [lease.disputed, all.withdrawDispute],
    [lease.disputed, all.resolveDispute],
    [pursued === "Overdue" && !lease.notice, all.giveNotice],
    [pursued === "Overdue" && !!lease.notice && !lease.lockedSince, all.lock],
    [!!lease.lockedSince, all.unlock],
    [pursued === "Overdue" && !!lease.notice, all.declareDefault],
    [pursued === "Defaulted", all.accelerate],
    [pursued === "Defaulted", all.rescind],
    [pursued === "Rescinded" || (pursued === "Returned" && lease.financed), all.offerSale],
    [isOffered && !lease.disputed, all.buy],
    [status === "Rescinded" && owed === 0n, all.redeem],
    [RUNNING.includes(status), all.agreeStandby],
    [BigInt(lease.claimable) > 0n, all.release],
    [BigInt(lease.lesseeCredit) > 0n, all.releaseCredit],
    [status === "Signed" || status === "Secured", all.cancel],
  ];
  return open.filter(([isOpen]) => isOpen).map(([, step]) => step());
}

export function mayTake(by: Who, lease: LeaseDetail, me: Me | undefined, account: string | undefined): boolean {
  if (!account) return false;
  switch (by) {
    case "lessee":
      return me?.party === lease.lessee;
    case "lessor":
      return me?.party === lease.lessor;
    case "creditor":
      return lease.financed ? !!me?.offices.includes("risk_officer") : me?.party === lease.lessor;
    case "party":
      return me?.party === lease.lessor || me?.party === lease.lessee;
    case "compliance":
      return !!me?.offices.includes("compliance");
    case "buyer":
      return saleOf(lease)?.buyer.toLowerCase() === account.toLowerCase();
    case "anyone":
      return true;
  }
}

/** The offer of the machine that stands, from the lease's events. */
export function saleOf(lease: LeaseDetail): { buyer: string; price: bigint } | undefined {
  if (lease.today.status !== "Rescinded" && lease.today.status !== "Returned") return undefined;
  const last = lease.timeline.findLast(({ event }) => event === "SaleOffered")?.arguments;
  const price = BigInt(String(last?.["price"] ?? 0));
  return price > 0n ? { buyer: String(last!["buyer"]), price } : undefined;
}

class Steps {
  private readonly id: bigint;
  private readonly lease: LeaseDetail;
  private readonly t: Translate;

  constructor(lease: LeaseDetail, t: Translate) {
    this.id = BigInt(lease.lease);
    this.lease = lease;
    this.t = t;
  }

  payDeposit = () =>
    this.step("payDeposit", "anyone", [], async (reader) => {
      const { deposit } = await this.terms(reader);
      requireSame(this.t("leases:terms.deposit"), this.lease.deposit, deposit);
      return {
        effects: [this.out("youPay", deposit, this.t("leases:why.depositHeld"))],
        pays: { spender: "RentLedger", amount: deposit, by: "permit" },
        call: (permit) => call("RentLedger", "payDepositWithPermit", [this.id, paying(deposit, permit)]),
      };
    });

  acceptDelivery = () =>
    this.step("acceptDelivery", "lessee", ["document"], async (reader, given) => {
      const [terms, reading, today] = await Promise.all([
        this.terms(reader),
        reader.readContract({
          ...contract("DeviceOracle"),
          functionName: "readingOf",
          args: [this.lease.machine],
        }),
        todayOf(reader),
      ]);
      const close = today + terms.periodDays;
      return {
        effects: [
          this.line("rentFrom", dateOfDay(today)),
          this.line(
            "hoursAtDelivery",
            this.t("leases:hours", { hours: hoursOfTenths(reading.tenths) }),
            this.t("leases:why.readAt", { at: time(reading.at) }),
          ),
          this.line("atLeast", money(terms.minimum), this.t("leases:why.perPeriod", { days: terms.periodDays })),
          this.line("atMost", money(terms.cap), this.t("leases:why.perPeriod", { days: terms.periodDays })),
          this.line("firstStatement", dateOfDay(close)),
          this.line("firstDue", dateOfDay(close + terms.dueDays)),
          this.document(given.document),
        ],
        call: call("EquipmentLease", "acceptDelivery", [this.id, given.document]),
      };
    });

  pay = () =>
    this.step(
      "pay",
      "anyone",
      ["amount"],
      async (reader, given) => {
        const [owed, today] = await Promise.all([this.owed(reader), todayOf(reader)]);
        if (today === this.lease.today.day.day) {
          requireSame(this.t("leases:owed.rent"), this.lease.today.rent, owed.rent);
          requireSame(this.t("leases:owed.late"), this.lease.today.late, owed.late);
        }
        const total = owed.rent + owed.late;
        const amount = given.amount < total ? given.amount : total;
        const late = amount < owed.late ? amount : owed.late;
        const overdue = owed.overdue > amount - late ? owed.overdue - (amount - late) : 0n;
        return {
          effects: [
            this.out("youPay", amount, amount < given.amount ? this.t("leases:why.noMoreThanOwed") : undefined),
            this.line("ofItLate", money(late), this.t("leases:why.lateFirst")),
            this.line("ofItRent", money(amount - late)),
            this.line("leftOwed", money(total - amount)),
            this.line("leftOverdue", money(overdue), this.t("leases:why.cured")),
            this.line("goesTo", this.t(this.lease.financed ? "leases:who.bankFirst" : "leases:who.lessor")),
          ],
          pays: { spender: "RentLedger", amount, by: "permit" },
          call: (permit) => call("RentLedger", "payWithPermit", [this.id, amount, paying(amount, permit)]),
        };
      },
      { amount: plainYuan(BigInt(this.lease.today.rent) + BigInt(this.lease.today.late)) },
    );

  buyOut = () =>
    this.step("buyOut", "lessee", [], async (reader) => {
      const [price, owed, terms, account, today] = await Promise.all([
        reader.readContract({ ...contract("EquipmentLease"), functionName: "buyOutOf", args: [this.id] }),
        this.owed(reader),
        this.terms(reader),
        this.account(reader),
        todayOf(reader),
      ]);
      if (today === this.lease.today.day.day)
        requireSame(this.t("leases:owed.buyOut"), this.lease.today.buyOut ?? "0", price);
      return {
        effects: [
          this.out("youPay", price, this.t("leases:why.wholePrice")),
          this.line("ofItOwed", money(owed.rent + owed.late)),
          this.line("ofItRest", money(owed.remaining), this.t("leases:why.rest")),
          this.line("ofItTitle", money(terms.buyOutPrice)),
          this.in("depositBack", account.deposit, this.t("leases:why.depositBack")),
          this.line("title", this.t("leases:why.titleYours", { machine: this.lease.machine })),
        ],
        pays: { spender: "RentLedger", amount: price, by: "allowance" },
        call: call("EquipmentLease", "buyOut", [this.id, price]),
      };
    });

  declareReturn = () =>
    this.step("declareReturn", "lessee", ["document"], async (reader, given) => {
      const [account, today] = await Promise.all([this.account(reader), todayOf(reader)]);
      return {
        effects: [
          this.line("returnedOn", dateOfDay(today)),
          this.line("objectionThrough", dateOfDay(today + 15), this.t("leases:why.objection")),
          this.in("depositBack", account.deposit, this.t("leases:why.depositAfterReturn")),
          this.document(given.document),
        ],
        call: call("EquipmentLease", "declareReturn", [this.id, given.document]),
      };
    });

  confirmReturn = () =>
    this.step("confirmReturn", this.lease.returnDeclared ? "anyone" : "lessor", [], async (reader) => {
      const account = await this.account(reader);
      return {
        effects: [
          this.line("machineBack", this.t("leases:why.leaseEnds")),
          this.line("depositToLessee", money(account.deposit)),
        ],
        call: call("EquipmentLease", "confirmReturn", [this.id]),
      };
    });

  objectToReturn = () =>
    this.step("objectToReturn", "lessor", ["document"], async (_, given) => ({
      effects: [this.line("returnVoid", this.t("leases:why.returnVoid")), this.document(given.document)],
      call: call("EquipmentLease", "objectToReturn", [this.id, given.document]),
    }));

  cancel = () =>
    this.step("cancel", "party", [], async (reader) => {
      const { deposit } = await this.account(reader);
      return {
        effects: [
          this.line("leaseVoid", this.t("leases:why.leaseVoid")),
          this.line("depositToLessee", money(deposit)),
          this.line("title", this.t("leases:why.titleFree")),
        ],
        call: call("EquipmentLease", "cancel", [this.id]),
      };
    });

  dispute = () =>
    this.step("dispute", "lessee", ["reason"], async (reader, given) => {
      const owed = await this.owed(reader);
      return {
        effects: [
          this.line("creditorStops", this.t("leases:why.creditorStops")),
          this.line("stillOwed", money(owed.rent + owed.late), this.t("leases:why.lateGoesOn")),
          this.document(given.reason),
        ],
        call: call("EquipmentLease", "dispute", [this.id, given.reason]),
      };
    });

  withdrawDispute = () =>
    this.step("withdrawDispute", "lessee", [], async (reader) => {
      const owed = await this.owed(reader);
      return {
        effects: [
          this.line("creditorGoesOn", this.t("leases:why.creditorGoesOn")),
          this.line("stillOwed", money(owed.rent + owed.late)),
        ],
        call: call("EquipmentLease", "withdrawDispute", [this.id]),
      };
    });

  resolveDispute = () =>
    this.step("resolveDispute", "compliance", ["price", "document"], async (reader, given) => {
      const owed = await this.owed(reader);
      const left = owed.rent > given.price ? owed.rent - given.price : 0n;
      return {
        effects: [
          this.line("credit", money(given.price), this.t("leases:why.credit")),
          this.line("owedThen", money(left + owed.late)),
          this.document(given.document),
        ],
        call: call("EquipmentLease", "resolveDispute", [this.id, given.price, given.document]),
      };
    });

  giveNotice = () =>
    this.step("giveNotice", "creditor", ["document"], async (reader, given) => {
      const [owed, terms, today] = await Promise.all([this.owed(reader), this.terms(reader), todayOf(reader)]);
      return {
        effects: [
          this.line("overdue", money(owed.overdue)),
          this.line("cureThrough", dateOfDay(today + terms.cureDays), this.t("leases:why.cure")),
          this.line("lockAfter", dateOfDay(today + terms.lockNoticeDays)),
          this.document(given.document),
        ],
        call: call("EquipmentLease", "giveNotice", [this.id, given.document]),
      };
    });

  lock = () =>
    this.step("lock", "creditor", [], async (reader) => {
      const owed = await this.owed(reader);
      return {
        effects: [
          this.line("machineStops", this.t("leases:why.machineStops")),
          this.line("clockStops", this.t("leases:why.clockStops")),
          this.line("overdue", money(owed.overdue), this.t("leases:why.unlockedWhenPaid")),
        ],
        call: call("EquipmentLease", "lock", [this.id]),
      };
    });

  unlock = () =>
    this.step("unlock", "creditor", [], async (reader) => {
      const { lockedSince, clock } = await this.account(reader);
      return {
        effects: [
          this.line("lockedSince", time(lockedSince)),
          this.line("clock", this.t(clock === STOPPED ? "leases:why.clockOver" : "leases:why.clockRuns")),
        ],
        call: call("EquipmentLease", "unlock", [this.id]),
      };
    });

  declareDefault = () =>
    this.step("declareDefault", "creditor", [], async (reader) => {
      const [owed, terms] = await Promise.all([this.owed(reader), this.terms(reader)]);
      const all = terms.minimum * BigInt(terms.periods);
      return {
        effects: [
          this.line("overdue", money(owed.overdue), this.t("leases:why.share", { share: shareOf(owed.overdue, all) })),
          this.line("twoBehind", this.t(owed.twoBehind ? "common:yes" : "common:no"), this.t("leases:why.slight")),
          this.line("thenEither", this.t("leases:why.either")),
        ],
        call: call("EquipmentLease", "declareDefault", [this.id]),
      };
    });

  accelerate = () =>
    this.step("accelerate", "creditor", [], async (reader) => {
      const [owed, account] = await Promise.all([this.owed(reader), this.account(reader)]);
      return {
        effects: [
          ...this.claim(owed, account.deposit, 0n),
          this.line("machineStays", this.t("leases:why.machineStays")),
        ],
        call: call("EquipmentLease", "accelerate", [this.id]),
      };
    });

  rescind = () =>
    this.step("rescind", "creditor", [], async (reader) => {
      const [owed, account, terms] = await Promise.all([this.owed(reader), this.account(reader), this.terms(reader)]);
      return {
        effects: [
          ...this.claim(owed, account.deposit, terms.buyOutPrice),
          this.line("machineClaimed", this.t("leases:why.machineClaimed")),
        ],
        call: call("EquipmentLease", "rescind", [this.id]),
      };
    });

  offerSale = () =>
    this.step("offerSale", "creditor", ["address", "price", "document"], async (reader, given) => {
      const owed = await this.owed(reader);
      const claim = owed.rent + owed.late;
      const surplus = given.price > claim ? given.price - claim : 0n;
      return {
        effects: [
          this.line("buyer", given.address),
          this.line("salePrice", money(given.price), this.t("leases:why.noPriceNoOffer")),
          this.line("claim", money(claim)),
          this.line("surplus", money(surplus), this.t("leases:why.surplus")),
          this.document(given.document),
        ],
        call: call("EquipmentLease", "offerSale", [this.id, given.address, given.price, given.document]),
      };
    });

  buy = () =>
    this.step("buy", "buyer", [], async (reader) => {
      const [, price] = await reader.readContract({
        ...contract("EquipmentLease"),
        functionName: "saleOf",
        args: [this.id],
      });
      requireSame(this.t("leases:effect.salePrice"), String(saleOf(this.lease)?.price ?? 0n), price);
      return {
        effects: [
          this.out("youPay", price),
          this.line("title", this.t("leases:why.titleYours", { machine: this.lease.machine })),
        ],
        pays: { spender: "RentLedger", amount: price, by: "allowance" },
        call: call("EquipmentLease", "buy", [this.id, price]),
      };
    });

  redeem = () =>
    this.step("redeem", "anyone", [], async () => ({
      effects: [this.line("title", this.t("leases:why.titleLessee", { machine: this.lease.machine }))],
      call: call("EquipmentLease", "redeem", [this.id]),
    }));

  agreeStandby = () =>
    this.step("agreeStandby", "lessor", ["from", "through", "document"], async (_, given) => ({
      effects: [
        this.line("standby", `${dateOfDay(given.from)} – ${dateOfDay(given.through)}`, this.t("leases:why.standby")),
        this.document(given.document),
      ],
      call: call("EquipmentLease", "agreeStandby", [this.id, given.from, given.through, given.document]),
    }));

  release = () =>
    this.step("release", "anyone", [], async (reader) => {
      const { claimable } = await this.account(reader);
      return {
        effects: [
          this.line("passedOn", money(claimable)),
          this.line("goesTo", this.t(this.lease.financed ? "leases:who.bankFirst" : "leases:who.lessor")),
        ],
        call: call("RentLedger", "release", [this.id]),
      };
    });

  releaseCredit = () =>
    this.step("releaseCredit", "anyone", [], async (reader) => {
      const { lesseeCredit } = await this.account(reader);
      return {
        effects: [this.line("passedOn", money(lesseeCredit)), this.line("goesTo", this.t("leases:who.lessee"))],
        call: call("RentLedger", "releaseCredit", [this.id]),
      };
    });

  private step(
    name: StepName,
    by: Who,
    fields: Step["fields"],
    plan: (reader: PublicClient, given: Given) => Promise<Plan>,
    begin: Step["begin"] = {},
  ): LeaseStep {
    const title = this.t(`leases:step.${name}.title`);
    const action = (given: Given): Action => ({
      title: `${title} · ${this.t("leases:lease", { lease: this.lease.lease })}`,
      prepare: (reader) => plan(reader, given),
    });
    return { name, by, title, why: this.t(`leases:step.${name}.why`), fields, begin, action };
  }

  private account(reader: PublicClient) {
    return reader.readContract({ ...contract("RentLedger"), functionName: "accountOf", args: [this.id] });
  }

  private owed(reader: PublicClient) {
    return reader.readContract({ ...contract("RentLedger"), functionName: "owedOf", args: [this.id] });
  }

  private terms(reader: PublicClient) {
    return reader.readContract({ ...contract("EquipmentLease"), functionName: "termsOf", args: [this.id] });
  }

  private claim(owed: { rent: bigint; late: bigint; remaining: bigint }, deposit: bigint, more: bigint): Effect[] {
    const sum = owed.rent + owed.late + owed.remaining + more;
    const fromDeposit = deposit < sum ? deposit : sum;
    return [
      this.line("nowDue", money(sum), this.t(more ? "leases:why.wholePrice" : "leases:why.nowDue")),
      this.line("ofItOwed", money(owed.rent + owed.late)),
      this.line("ofItRest", money(owed.remaining), this.t("leases:why.rest")),
      ...(more ? [this.line("ofItTitle", money(more))] : []),
      this.line("lessDeposit", money(fromDeposit)),
      this.line("claim", money(sum - fromDeposit), this.t("leases:why.claim")),
    ];
  }

  private line(label: EffectName, value: string, why?: string): Effect {
    return { label: this.t(`leases:effect.${label}`), value, ...(why ? { why } : {}) };
  }

  private out(label: EffectName, amount: bigint, why?: string): Effect {
    return { ...this.line(label, money(amount), why), direction: "out" };
  }

  private in(label: EffectName, amount: bigint, why?: string): Effect {
    return { ...this.line(label, money(amount), why), direction: "in" };
  }

  private document(hash: string): Effect {
    return this.line("document", shortHash(hash), this.t("leases:why.document"));
  }
}

/** The bank's loan on a lease, as the lessor takes it. */
export function financing(lease: LeaseDetail, said: { net: string; annualRateBps: number }, t: Translate): Action {
  const id = BigInt(lease.lease);
  return {
    title: t("leases:loan.action"),
    prepare: async (reader) => {
      const [quote, { timestamp }] = await Promise.all([
        reader.readContract({ ...contract("LeaseFinance"), functionName: "quote", args: [id] }),
        reader.getBlock(),
      ]);
      requireSame(t("leases:loan.net"), said.net, quote.net);
      if (said.annualRateBps !== quote.annualRateBps)
        throw new FiguresDiffer(t("leases:loan.rate"), percent(said.annualRateBps), percent(quote.annualRateBps));
      const until = Number(timestamp) + OFFER_S;
      return {
        effects: [
          { label: t("leases:loan.net"), value: money(quote.net), direction: "in", why: t("leases:loan.netWhy") },
          { label: t("leases:loan.principal"), value: money(quote.principal), why: t("leases:loan.principalWhy") },
          { label: t("leases:loan.fee"), value: money(quote.fee) },
          { label: t("leases:loan.rate"), value: percent(quote.annualRateBps), why: t("leases:loan.rateWhy") },
          { label: t("leases:loan.perDay"), value: money(quote.interestPerDay) },
          { label: t("leases:loan.rentGoes"), value: t("leases:who.bankFirst"), why: t("leases:loan.rentGoesWhy") },
          { label: t("leases:loan.offerThrough"), value: time(until), why: t("leases:loan.offerWhy") },
        ],
        call: call("LeaseFinance", "finance", [id, quote.net, quote.annualRateBps, until]) satisfies Call,
      };
    },
  };
}

function shareOf(part: bigint, whole: bigint): string {
  return percent(whole ? (part * 10_000n) / whole : 0n);
}
