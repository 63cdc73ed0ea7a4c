/** Steps on a machine's title: certificate, verification, transfer. */

import type { TFunction } from "i18next";
import type { Me } from "../../api/me";
import type { MachineDetail } from "../../api/schema";
import { call } from "../../chain/call";
import { contract } from "../../chain/suite";
import { shortHash } from "../../ui/format";
import { requireHash } from "./checks";
import type { Step } from "./StepForm";

export function titleSteps(
  machine: MachineDetail,
  me: Me | undefined,
  account: string | undefined,
  t: TFunction<"leases">,
): Step[] {
  // The wallet itself: another of the same party cannot.
  const isHolder = !!me && account === machine.holderWallet;
  const free = isHolder && !machine.lienor;
  const mayVerify = !!me?.offices.includes("risk_officer") && !machine.verifiedAt;
  return [
    ...(free ? [changeCertificate(machine, t), transfer(machine, t)] : []),
    ...(mayVerify ? [verify(machine, t)] : []),
  ];
}

function changeCertificate({ machine }: MachineDetail, t: TFunction<"leases">): Step {
  return {
    name: "setCertificate",
    title: t("onboard.setCertificate"),
    why: t("onboard.setCertificateWhy"),
    fields: ["document"],
    action: ({ document }) => ({
      title: t("onboard.setCertificate"),
      prepare: async () => ({
        effects: [
          { label: t("column.machine"), value: String(machine) },
          { label: t("effect.document"), value: shortHash(document), why: t("why.document") },
          { label: t("machineTitle.verified"), value: t("gate.unverified"), why: t("onboard.verifyAgain") },
        ],
        call: call("Equipment", "setCertificate", [BigInt(machine), document]),
      }),
    }),
  };
}

function transfer({ machine, holderWallet }: MachineDetail, t: TFunction<"leases">): Step {
  return {
    name: "transfer",
    title: t("onboard.transfer"),
    why: t("onboard.transferWhy"),
    fields: ["address"],
    action: ({ address }) => ({
      title: t("onboard.transfer"),
      prepare: async (reader, account) => {
        const party = await reader.readContract({
          ...contract("Participants"),
          functionName: "partyOf",
          args: [address],
        });
        return {
          effects: [
            { label: t("column.machine"), value: String(machine) },
            { label: t("onboard.to"), value: address, why: party ? t("party", { party }) : t("onboard.nobody") },
            { label: t("effect.title"), value: t("onboard.gone"), why: shortHash(holderWallet) },
          ],
          call: call("Equipment", "transferFrom", [account, address, BigInt(machine)]),
        };
      },
    }),
  };
}

/** The risk officer compares the certificate itself: the contract refuses the hash of any file but the one in force. */
function verify({ machine, certificateHash }: MachineDetail, t: TFunction<"leases">): Step {
  return {
    name: "verify",
    title: t("onboard.verify"),
    why: t("onboard.verifyWhy"),
    fields: ["document"],
    action: ({ document }) => ({
      title: t("onboard.verify"),
      prepare: async (reader) => {
        const inForce = await reader.readContract({
          ...contract("Equipment"),
          functionName: "machineOf",
          args: [BigInt(machine)],
        });
        requireHash(t("machineTitle.certificate"), certificateHash, inForce.certificateHash);
        return {
          effects: [
            { label: t("column.machine"), value: String(machine) },
            { label: t("machineTitle.certificate"), value: shortHash(document), why: t("onboard.sameFile") },
            { label: t("machineTitle.verified"), value: t("onboard.verified"), why: t("onboard.verifiedWhy") },
          ],
          call: call("Equipment", "verify", [BigInt(machine), document]),
        };
      },
    }),
  };
}
