/** Admitting parties, renewing their verification, and replacing their wallets. The file stays with compliance. */

import { Button } from "antd";
import { type PropsWithChildren, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Address, type Hex, isAddress } from "viem";
import { type Call, call } from "../../../chain/call";
import { Section } from "../BankPage";
import { DateField } from "../../../ui/DateField";
import { FileHash } from "../../../ui/FileHash";
import { BitsInput } from "../duties/BitsInput";
import { endOfDay } from "../duties/fields";
import { useDuty, useOffice } from "../duties/useDuty";

export function Admission() {
  const { t } = useTranslation("bank");
  return (
    <Section title={t("roles.admission")} about={t("roles.admissionWhy")}>
      <div className="halves">
        <KycForm kind="admit" />
        <KycForm kind="renew" />
        <WalletForm kind="addWallet" />
        <WalletForm kind="rotateWallet" />
      </div>
    </Section>
  );
}

function KycForm({ kind }: { kind: "admit" | "renew" }) {
  const { t } = useTranslation("bank");
  const [who, setWho] = useState("");
  const [roles, setRoles] = useState(0);
  const [until, setUntil] = useState("");
  const [file, setFile] = useState<Hex>();
  const party = partyOf(who);
  const subject = kind === "admit" ? isAddress(who) : party !== undefined;
  const made = (): Call =>
    kind === "admit"
      ? call("Participants", "admit", [who as Address, roles, endOfDay(until), file!])
      : call("Participants", "renew", [party!, roles, endOfDay(until), file!]);
  const forget = () => {
    setWho("");
    setRoles(0);
    setUntil("");
    setFile(undefined);
  };
  return (
    <Form kind={kind} call={subject && roles && until && file ? made : undefined} done={forget}>
      <Field label={t(kind === "admit" ? "columns.wallet" : "roles.partyNumber")} value={who} set={setWho} />
      <BitsInput kind="roles" label={t("fields.roles")} value={roles} set={setRoles} />
      <DateField label={t("fields.validUntil")} value={until} change={setUntil} />
      <FileHash label={t("roles.kycFile")} hash={file} give={setFile} />
    </Form>
  );
}

function WalletForm({ kind }: { kind: "addWallet" | "rotateWallet" }) {
  const { t } = useTranslation("bank");
  const [first, setFirst] = useState("");
  const [wallet, setWallet] = useState("");
  const party = partyOf(first);
  const ready = isAddress(wallet) && (kind === "addWallet" ? party !== undefined : isAddress(first));
  const made = (): Call =>
    kind === "addWallet"
      ? call("Participants", "addWallet", [party!, wallet as Address])
      : call("Participants", "rotateWallet", [first as Address, wallet as Address]);
  const forget = () => {
    setFirst("");
    setWallet("");
  };
  return (
    <Form kind={kind} call={ready ? made : undefined} done={forget}>
      <Field label={t(kind === "addWallet" ? "roles.partyNumber" : "fields.from")} value={first} set={setFirst} />
      <Field label={t("roles.newWallet")} value={wallet} set={setWallet} />
    </Form>
  );
}

interface FormProps {
  kind: "admit" | "renew" | "addWallet" | "rotateWallet";
  /** Undefined while something is missing. */
  call: (() => Call) | undefined;
  done: () => void;
}

function Form({ kind, call, done, children }: PropsWithChildren<FormProps>) {
  const { t } = useTranslation("bank");
  const duty = useDuty();
  const mine = useOffice("compliance");
  const title = t(`calls.${kind}.name`);
  return (
    <form className="tile stack" aria-label={title} onSubmit={(event) => event.preventDefault()}>
      <h3>{title}</h3>
      <p className="muted">{t(`calls.${kind}.does`)}</p>
      {children}
      <div className="row">
        <Button
          type="primary"
          disabled={!mine || !call}
          title={mine ? undefined : t("duty.whose", { office: t("offices.compliance") })}
          onClick={() => call && duty(call(), { done })}
        >
          {title}
        </Button>
        {!mine && <span className="muted">{t("duty.whose", { office: t("offices.compliance") })}</span>}
      </div>
    </form>
  );
}

function Field({ label, value, set }: { label: string; value: string; set: (value: string) => void }) {
  return (
    <label className="field">
      {label}
      <input className="input wide" value={value} onChange={({ target }) => set(target.value.trim())} />
    </label>
  );
}

function partyOf(typed: string): number | undefined {
  return /^[1-9]\d{0,9}$/.test(typed) ? Number(typed) : undefined;
}
