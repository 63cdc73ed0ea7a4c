/** Does anything about the machine stop money now? The contract's own answer, and each condition with its figure. */

import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { BaseError } from "viem";
import { ApiProblem } from "../../api/client";
import { useApi } from "../../api/query";
import type { MachineDetail } from "../../api/schema";
import { type Failure, failureOf } from "../../chain/failures";
import { useChain, useWallet } from "../../chain/reader";
import { contract } from "../../chain/suite";
import { useInLanguage } from "../../text";
import { FailureText } from "../../ui/FailureText";
import { type Figure, Figures } from "../../ui/Figures";
import { time } from "../../ui/format";
import { useFailure } from "../../ui/useFailure";

/** Refusals of a loan that are about the machine, as `LeaseFinance` and `DeviceOracle` name them. */
const ABOUT_MACHINE: readonly string[] = [
  "CertificateUnverified",
  "ReadingMissing",
  "ReadingStale",
  "DeviceEpochBehind",
  "MachineOnHold",
  "MachineAlarmed",
];

type Verdict = { stops: boolean; reason: Failure | undefined };

export function Gate({ machine }: { machine: MachineDetail }) {
  const { t } = useTranslation("leases");
  const { reader } = useWallet();
  const onChain = useChainVerdict(machine.machine);
  const told = useToldVerdict(machine, !reader);
  const verdict = onChain ?? told;
  return (
    <section
      className="stack"
      aria-live="polite"
      data-gate={verdict ? (verdict.stops ? "stopped" : "open") : "unknown"}
    >
      {verdict && (
        <Alert
          type={verdict.stops ? "error" : "success"}
          showIcon
          title={t(verdict.stops ? "gate.stops" : "gate.open")}
          description={verdict.reason ? <FailureText failure={verdict.reason} /> : t(sourceOf(!!onChain))}
        />
      )}
      <details>
        <summary>{t("gate.conditions")}</summary>
        <Conditions machine={machine} />
      </details>
    </section>
  );
}

const sourceOf = (onChain: boolean) => (onChain ? "gate.byContract" : "gate.byService");

/** What the contract says through the wallet. */
function useChainVerdict(machine: number): Verdict | undefined {
  const found = useChain(["usable", machine], async (reader): Promise<Verdict> => {
    const [{ maxReadingAge, gates }, { verified }] = await Promise.all([
      reader.readContract({ ...contract("LeaseFinance"), functionName: "conditions" }),
      reader.readContract({ ...contract("Equipment"), functionName: "machineOf", args: [BigInt(machine)] }),
    ]);
    try {
      const args = [machine, maxReadingAge, gates] as const;
      await reader.readContract({ ...contract("DeviceOracle"), functionName: "requireUsable", args });
    } catch (error) {
      if (error instanceof BaseError) return { stops: true, reason: await failureOf(error) };
      throw error;
    }
    return { stops: !verified, reason: undefined };
  });
  return found.data;
}

/** Without a wallet: the bank's answer for the lease, and what the chain is known to say of the machine. */
function useToldVerdict(machine: MachineDetail, enabled: boolean): Verdict | undefined {
  const asked = enabled && !!machine.lease;
  const quote = useApi("/v1/leases/{lease}/quote", { lease: machine.lease ?? 0 }, asked);
  const problem = quote.error instanceof ApiProblem ? quote.error : undefined;
  const about = problem && ABOUT_MACHINE.includes(problem.problem.code) ? problem : undefined;
  const reason = useFailure(about);
  if (asked && quote.isPending) return undefined;
  const known = machine.held || !machine.verifiedAt || !machine.reading || machine.alarms.some(({ gates }) => gates);
  return { stops: known || !!about, reason };
}

function Conditions({ machine }: { machine: MachineDetail }) {
  const { t } = useTranslation("leases");
  const inLanguage = useInLanguage();
  const conditions = useApi("/v1/conditions/leases").data?.inForce;
  const blocking = machine.alarms.filter(({ gates }) => gates);
  const mark = (right: boolean, text: string) => `${right ? "✓" : "✗"} ${text}`;
  const newest = machine.bindings.at(-1);
  const rows: Figure[] = [
    [
      t("gate.certificate"),
      mark(!!machine.verifiedAt, machine.verifiedAt ? time(machine.verifiedAt) : t("gate.unverified")),
    ],
    [
      t("gate.reading"),
      mark(!!machine.reading, machine.reading?.at ? time(machine.reading.at) : t("gate.noReading")),
      conditions ? t("gate.readingWhy", { hours: conditions.maxReadingAge / 3600 }) : undefined,
    ],
    [t("gate.device"), mark(!!newest, newest ? t("gate.epoch", { epoch: newest.epoch }) : t("gate.noDevice"))],
    [t("gate.held"), mark(!machine.held, t(machine.held ? "gate.isHeld" : "gate.notHeld"))],
    [
      t("gate.alarms"),
      mark(
        blocking.length === 0,
        blocking.map(({ name, severityName }) => `${inLanguage(name)} (${inLanguage(severityName)})`).join(", ") ||
          t("alarms.none"),
      ),
      t("gate.alarmsWhy"),
    ],
  ];
  return <Figures of={rows} />;
}
