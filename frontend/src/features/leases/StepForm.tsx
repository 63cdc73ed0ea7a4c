/** One step of a lease or a machine: what it means, what has to be filled in, and the button that opens the dialog. */

import { Button, Card, Input } from "antd";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Address, type Hex, isAddress, zeroAddress, zeroHash } from "viem";
import type { Action } from "../../chain/send";
import { useAct } from "../../ui/Actions";
import { DateField } from "../../ui/DateField";
import { dayOfDate, fenOf } from "../../ui/format";
import { FileHash } from "../../ui/FileHash";
import { hashOfText } from "./hash";

/** What a step was given; fields that it does not ask for are zero. */
export interface Given {
  amount: bigint;
  price: bigint;
  document: Hex;
  reason: Hex;
  address: Address;
  from: number;
  through: number;
}

export type Field = keyof Given;

export interface Step {
  name: string;
  title: string;
  /** What follows from it, before anything is filled in. */
  why: string;
  fields: readonly Field[];
  /** What fields begin with, as typed. */
  begin?: Partial<Record<Field, string>>;
  action: (given: Given) => Action;
}

type Typed = Partial<Record<Field, string>>;

export function StepForm({ step }: { step: Step }) {
  const { t } = useTranslation("leases");
  const act = useAct();
  const [typed, setTyped] = useState<Typed>(step.begin ?? {});
  const [wrong, setWrong] = useState<Field>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const fault = step.fields.find((field) => !isRight(field, typed[field] ?? ""));
    setWrong(fault);
    if (!fault) act(step.action(givenOf(typed)));
  };
  return (
    <Card size="small" title={<h3 className="step-title">{step.title}</h3>} data-step={step.name}>
      <form className="stack" onSubmit={submit} noValidate>
        <p className="muted">{step.why}</p>
        {step.fields.map((field) => (
          <FieldInput
            key={field}
            field={field}
            value={typed[field] ?? ""}
            wrong={wrong === field}
            give={(value) => setTyped({ ...typed, [field]: value })}
          />
        ))}
        <div>
          <Button htmlType="submit">{t("form.continue", { step: step.title })}</Button>
        </div>
      </form>
    </Card>
  );
}

interface FieldProps {
  field: Field;
  value: string;
  wrong: boolean;
  give: (value: string) => void;
}

function FieldInput({ field, value, wrong, give }: FieldProps) {
  const { t } = useTranslation("leases");
  const id = useId();
  const label = t(`field.${field}`);
  const fault = wrong && (
    <span role="alert" className="fault">
      {t(`fault.${field}`)}
    </span>
  );
  if (field === "document")
    return (
      <>
        <FileHash label={label} hash={value ? (value as Hex) : undefined} give={give} />
        {fault}
      </>
    );
  if (field === "from" || field === "through")
    return (
      <>
        <DateField label={label} value={value} change={give} invalid={wrong} />
        {fault}
      </>
    );
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <Input id={id} value={value} aria-invalid={wrong} onChange={(event) => give(event.target.value)} />
      {fault}
    </div>
  );
}

function isRight(field: Field, value: string): boolean {
  switch (field) {
    case "amount":
      return (fenOf(value) ?? 0n) > 0n;
    case "price":
      return fenOf(value) !== undefined;
    case "address":
      return isAddress(value);
    case "from":
    case "through":
      return /^\d{4}-\d\d-\d\d$/.test(value);
    default:
      return value.trim() !== "";
  }
}

function givenOf(typed: Typed): Given {
  return {
    amount: fenOf(typed.amount ?? "") ?? 0n,
    price: fenOf(typed.price ?? "") ?? 0n,
    document: typed.document ? (typed.document as Hex) : zeroHash,
    reason: typed.reason ? hashOfText(typed.reason.trim()) : zeroHash,
    address: typed.address && isAddress(typed.address) ? typed.address : zeroAddress,
    from: typed.from ? dayOfDate(typed.from) : 0,
    through: typed.through ? dayOfDate(typed.through) : 0,
  };
}
