/** Registering a machine: serial number and certificate stay here, their hashes go on chain. */

import { Button, Card, Input } from "antd";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Hex } from "viem";
import { call } from "../../chain/call";
import type { Action } from "../../chain/send";
import { contract } from "../../chain/suite";
import { useAct } from "../../ui/Actions";
import { shortHash } from "../../ui/format";
import { FileHash } from "../../ui/FileHash";
import { hashOfText } from "./hash";
import type { Translate } from "./steps";

export function RegisterMachine() {
  const { t } = useTranslation(["leases", "common"]);
  const act = useAct();
  const id = useId();
  const [serial, setSerial] = useState("");
  const [certificate, setCertificate] = useState<Hex>();
  const [wrong, setWrong] = useState(false);
  // A new input for the next file: the old one would go on naming the last.
  const [round, setRound] = useState(0);
  const done = () => {
    setSerial("");
    setCertificate(undefined);
    setRound(round + 1);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setWrong(!serial.trim() || !certificate);
    if (serial.trim() && certificate) act({ ...registering(serial.trim(), certificate, t), done });
  };
  return (
    <Card size="small">
      <form className="stack" onSubmit={submit} noValidate>
        <div className="field">
          <label htmlFor={id}>{t("leases:onboard.serial")}</label>
          <Input id={id} value={serial} onChange={(event) => setSerial(event.target.value)} />
          <span className="muted">
            {t("leases:onboard.serialWhy")} {serial.trim() && <span className="mono">{hashOfText(serial.trim())}</span>}
          </span>
        </div>
        <FileHash key={round} label={t("leases:onboard.certificate")} hash={certificate} give={setCertificate} />
        {wrong && (
          <span role="alert" className="fault">
            {t("leases:onboard.incomplete")}
          </span>
        )}
        <div>
          <Button htmlType="submit">{t("leases:form.continue", { step: t("leases:onboard.register") })}</Button>
        </div>
      </form>
    </Card>
  );
}

function registering(serial: string, certificate: Hex, t: Translate): Action {
  const serialHash = hashOfText(serial);
  return {
    title: t("leases:onboard.register"),
    prepare: async (reader) => {
      const equipment = contract("Equipment");
      const [taken, number] = await Promise.all([
        reader.readContract({ ...equipment, functionName: "idOfSerial", args: [serialHash] }),
        reader.readContract({ ...equipment, functionName: "lastId" }),
      ]);
      return {
        effects: [
          { label: t("leases:onboard.serial"), value: serial, why: shortHash(serialHash) },
          {
            label: t("leases:onboard.before"),
            value: taken ? t("leases:machine", { machine: Number(taken) }) : t("common:no"),
            why: t("leases:machineTitle.serialWhy"),
          },
          { label: t("leases:onboard.certificate"), value: shortHash(certificate), why: t("leases:why.document") },
          {
            label: t("leases:onboard.number"),
            value: String(number + 1),
            why: t("leases:onboard.numberWhy"),
          },
          { label: t("leases:onboard.then"), value: t("leases:onboard.thenWhy") },
        ],
        call: call("Equipment", "register", [serialHash, certificate]),
      };
    },
  };
}
