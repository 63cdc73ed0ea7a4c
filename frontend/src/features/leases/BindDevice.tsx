/** Binding a device: it signs for itself; its signature is pasted or read from its file. */

import { Button, Card, Input } from "antd";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Address, type Hex, isAddress, isHex } from "viem";
import { useMe } from "../../api/me";
import type { MachineDetail } from "../../api/schema";
import { call } from "../../chain/call";
import { deployment } from "../../chain/deployment";
import { FiguresDiffer } from "../../chain/failures";
import { useWallet } from "../../chain/reader";
import type { Action } from "../../chain/send";
import { contract } from "../../chain/suite";
import { useAct } from "../../ui/Actions";
import { FileInput } from "../../ui/FileInput";
import { download } from "../../ui/csv";
import { hoursOfHundredths } from "./meter";
import type { Translate } from "./steps";

type Binding = {
  machine: number;
  device: Address;
  epoch: number;
  /** Hundredths of an hour. */
  meterStart: number;
};

const types = {
  DeviceBinding: [
    { name: "machine", type: "uint32" },
    { name: "device", type: "address" },
    { name: "epoch", type: "uint16" },
    { name: "meterStart", type: "uint32" },
  ],
} as const;

/** What the device signs. */
function typedBinding(message: Binding) {
  const { address } = contract("Equipment");
  const domain = { name: "Heqi Equipment", version: "1", chainId: deployment.chainId, verifyingContract: address };
  return { domain, types, primaryType: "DeviceBinding", message } as const;
}

const EMPTY = { device: "", hours: "", signature: "" };

export function BindDevice({ machine }: { machine: MachineDetail }) {
  const { t } = useTranslation(["leases", "common"]);
  const me = useMe();
  const { account } = useWallet();
  const act = useAct();
  const id = useId();
  const [typed, setTyped] = useState(EMPTY);
  const [wrong, setWrong] = useState(false);
  const pledged = !!machine.lienor;
  const may = pledged ? me?.offices.includes("compliance") : !!me && account === machine.holderWallet;
  const binding = bindingOf(typed, machine);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { signature } = typed;
    const right = binding && isHex(signature);
    setWrong(!right);
    if (right) act(bindingTo(binding, signature, pledged, t));
  };
  const save = () =>
    binding && download(`device-of-machine-${machine.machine}.json`, JSON.stringify(typedBinding(binding), null, 2));
  const read = async (file: File | undefined) => {
    const given = file && fromFile(await file.text());
    if (given) setTyped(given);
    setWrong(!given);
  };
  if (!may)
    return (
      <Card size="small" title={<h3 className="step-title">{t("leases:onboard.bind")}</h3>}>
        {t(pledged ? "leases:onboard.bindPledged" : "leases:onboard.bindHolder")}
      </Card>
    );
  return (
    <Card size="small" title={<h3 className="step-title">{t("leases:onboard.bind")}</h3>}>
      <form className="stack" onSubmit={submit} noValidate>
        <p className="muted">{t("leases:onboard.bindWhy", { epoch: machine.epoch + 1 })}</p>
        <FileInput
          label={t("leases:onboard.deviceFile")}
          accept="application/json,.json"
          choose={([file]) => void read(file)}
        />
        {(["device", "hours", "signature"] as const).map((name) => (
          <div className="field" key={name}>
            <label htmlFor={`${id}-${name}`}>{t(`leases:onboard.${name}`)}</label>
            <Input
              id={`${id}-${name}`}
              value={typed[name]}
              onChange={(event) => setTyped({ ...typed, [name]: event.target.value.trim() })}
            />
          </div>
        ))}
        {wrong && (
          <span role="alert" className="fault">
            {t("leases:onboard.bindIncomplete")}
          </span>
        )}
        <div className="row">
          <Button disabled={!binding} onClick={save}>
            {t("leases:onboard.toSign")}
          </Button>
          <Button htmlType="submit">{t("leases:form.continue", { step: t("leases:onboard.bind") })}</Button>
        </div>
      </form>
    </Card>
  );
}

function bindingOf({ device, hours }: typeof EMPTY, { machine, epoch }: MachineDetail): Binding | undefined {
  if (!isAddress(device) || !/^\d{1,6}(\.\d{1,2})?$/.test(hours)) return undefined;
  return { machine, device, epoch: epoch + 1, meterStart: Math.round(Number(hours) * 100) };
}

/** `{"device": …, "meterStart": hundredths, "signature": …}` as devices write it. */
function fromFile(text: string): typeof EMPTY | undefined {
  try {
    const { device, meterStart, signature } = JSON.parse(text);
    return { device: String(device), hours: (Number(meterStart) / 100).toFixed(2), signature: String(signature) };
  } catch {
    return undefined;
  }
}

function bindingTo(binding: Binding, signature: Hex, pledged: boolean, t: Translate): Action {
  const { machine, device, meterStart } = binding;
  return {
    title: t("leases:onboard.bind"),
    prepare: async (reader) => {
      const { epoch } = await reader.readContract({
        ...contract("Equipment"),
        functionName: "machineOf",
        args: [BigInt(machine)],
      });
      if (epoch + 1 !== binding.epoch)
        throw new FiguresDiffer(t("leases:machineTitle.epoch"), String(binding.epoch), String(epoch + 1));
      const signed = await reader.verifyTypedData({ address: device, signature, ...typedBinding(binding) });
      return {
        effects: [
          { label: t("leases:column.machine"), value: String(machine) },
          {
            label: t("leases:onboard.device"),
            value: device,
            why: t(signed ? "leases:onboard.deviceSigned" : "leases:onboard.deviceNotSigned"),
          },
          { label: t("leases:machineTitle.epoch"), value: String(binding.epoch), why: t("leases:onboard.epochWhy") },
          {
            label: t("leases:machineTitle.meterStart"),
            value: hoursOfHundredths(meterStart),
            why: t("leases:onboard.meterWhy"),
          },
        ],
        call: call("Equipment", pledged ? "replaceDevice" : "bindDevice", [
          BigInt(machine),
          device,
          meterStart,
          signature,
        ]),
      };
    },
  };
}
