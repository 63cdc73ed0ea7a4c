/** Duties of the bank's offices in words. */

import { useTranslation } from "react-i18next";
import { type Hex, hexToString } from "viem";
import type { Office, RoleName } from "../../../api/me";
import { OFFICES, ROLES } from "../../../api/me";
import type { Call } from "../../../chain/call";
import { nameOf } from "../../../chain/deployment";
import type { Effect } from "../../../chain/send";
import { money, percent, time } from "../../../ui/format";
import { type Argument, type Kind, kindOf } from "./fields";

export const PRODUCTS = ["Receivables", "CreditLine", "Lease"] as const;
export const GRADES = "ABCDEFGHIJKLMNO";
/** Bits of a score's flags. */
export const FLAGS = ["held", "adverse", "collapse", "wash", "arrears"] as const;
/** Alarms on chain, two bits of severity each. */
export const ALARMS = ["idle", "region", "fuel_use", "fuel_theft", "hour_meter", "offline", "tamper", "tow"] as const;
export const SEVERITIES = ["clear", "warn", "major", "critical"] as const;
const HOUR = 3600;

export type Words = ReturnType<typeof useWords>;

export function useWords() {
  const { t, i18n } = useTranslation(["bank", "common"]);

  const known = (key: string) => i18n.exists(`bank:${key}`);
  /** Functions come from the chain; some contracts mean another thing by the same name. */
  const entry = (contract: string, functionName: string) =>
    [`calls.${contract}_${functionName}`, `calls.${functionName}`].find((key) => known(`${key}.name`));
  const name = (contract: string, functionName: string) => {
    const key = entry(contract, functionName);
    return key ? t(`${key}.name` as "calls.pause.name") : `${contract}.${functionName}`;
  };
  const effect = (contract: string, functionName: string) => {
    const key = entry(contract, functionName);
    return key && known(`${key}.does`) ? t(`${key}.does` as "calls.pause.does") : undefined;
  };
  /** Arguments come from the chain; some functions mean another thing by the same name. */
  const field = (named: string, functionName = "") => {
    const key = [`fields.${functionName}_${named}`, `fields.${named}`].find(known);
    return key ? t(key as "fields.limit") : named;
  };
  const duration = (seconds: number) =>
    seconds % (24 * HOUR) === 0 && seconds > 0
      ? t("common:unit.days", { count: seconds / (24 * HOUR) })
      : seconds % HOUR === 0 && seconds > 0
        ? t("common:unit.hours", { count: seconds / HOUR })
        : seconds % 60 === 0 && seconds > 0
          ? t("bank:minutes", { count: seconds / 60 })
          : t("bank:seconds", { count: seconds });
  const list = (names: readonly string[]) => names.join(t("bank:listed")) || t("bank:none");
  const office = (id: bigint): string => {
    const found = (Object.keys(OFFICES) as Office[]).find((one) => OFFICES[one] === id);
    return found ? t(`bank:offices.${found}`) : String(id);
  };
  const partyRole = (role: RoleName) => t(`bank:partyRoles.${role}`);
  const roles = (bits: number) => list(ROLES.filter((_, bit) => (bits >> bit) & 1).map(partyRole));
  const flags = (bits: number) =>
    list(FLAGS.filter((_, bit) => (bits >> bit) & 1).map((flag) => t(`bank:flags.${flag}`)));
  const gates = (word: number) =>
    list(
      ALARMS.flatMap((alarm, place) => {
        const least = SEVERITIES[(word >> (2 * place)) & 3] ?? "clear";
        return least === "clear" ? [] : [`${t(`bank:alarms.${alarm}`)} ≥ ${t(`bank:severities.${least}`)}`];
      }),
    );

  /** A value as people read it. */
  const shown = (kind: Kind, value: unknown): string => {
    if (Array.isArray(value)) return list(value.map((one) => shown(kind, one)));
    if (kind === "bool" || typeof value === "boolean") return value ? t("common:yes") : t("common:no");
    if (kind === "account") return nameOf(String(value)) ?? String(value);
    if (kind === "text") return textOf(String(value));
    if (typeof value !== "bigint" && typeof value !== "number") return String(value);
    switch (kind) {
      case "money":
        return money(value);
      case "bps":
        return percent(value);
      case "days":
        return t("common:unit.days", { count: Number(value) });
      case "hours":
      case "seconds":
        return duration(Number(value));
      case "moment":
        return time(value);
      case "flags":
        return flags(Number(value));
      case "gates":
        return gates(Number(value));
      case "roles":
        return roles(Number(value));
      case "role":
        return office(BigInt(value));
      case "product":
        return t(`bank:products.${PRODUCTS[Number(value)] ?? "Receivables"}`);
      case "grade":
        return GRADES[Number(value)] ?? String(value);
      case "party":
        return t("common:party", { party: Number(value) });
      default:
        return String(value);
    }
  };

  return {
    name,
    effect,
    field,
    shown,
    duration,
    office,
    roles,
    role: partyRole,
    flags,
    gates,
    what: (duty: Call): Effect => ({
      label: t("bank:duty.what"),
      value: `${name(duty.contract, duty.functionName)} · ${t(`bank:contracts.${duty.contract}`)}`,
      ...reason(effect(duty.contract, duty.functionName)),
    }),
    /** A figure of a call, beside the one in force. */
    change: (of: Call, { name: named, type, value }: Argument, before?: unknown): Effect => {
      const kind = kindOf(named, type);
      const [next, now] = [shown(kind, value), before === undefined ? undefined : shown(kind, before)];
      const label = field(named, of.functionName);
      return { label, value: now === undefined || now === next ? next : `${now} → ${next}` };
    },
    atOnce: (): Effect => ({ label: t("bank:duty.step"), value: t("bank:duty.now"), why: t("bank:duty.nowWhy") }),
    scheduling: (delay: number, readyAt: number, until: number): Effect => ({
      label: t("bank:duty.step"),
      value: t("bank:duty.schedule"),
      why: t("bank:duty.scheduleWhy", { delay: duration(delay), ready: time(readyAt), until: time(until) }),
    }),
    executing: (readyAt: number): Effect => ({
      label: t("bank:duty.step"),
      value: t("bank:duty.execute"),
      why: t("bank:duty.executeWhy", { ready: time(readyAt) }),
    }),
    cancelling: (): Effect => ({
      label: t("bank:duty.step"),
      value: t("bank:duty.cancel"),
      why: t("bank:duty.cancelWhy"),
    }),
  };
}

const reason = (why: string | undefined) => (why ? { why } : {});

/** Text in thirty-two bytes, such as the reason of a freeze; a hash stays one. */
export function textOf(word: string): string {
  if (!/^0x[0-9a-f]{64}$/i.test(word)) return word;
  const text = hexToString(word as Hex, { size: 32 });
  return /^[\p{L}\p{N}\p{P}\p{Zs}]+$/u.test(text) ? text : word;
}
