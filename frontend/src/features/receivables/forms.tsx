/** The little that has to be said before an action's figures can be checked with the chain. */

import { Button } from "antd";
import { type FormEvent, type ReactNode, useState } from "react";
import type { Receivable } from "../../api/schema";
import { useAct } from "../../ui/Actions";
import { FileInput } from "../../ui/FileInput";
import { fenOf, money, plainYuan } from "../../ui/format";
import { creditNote, dispute, passOn, split } from "./circulation";
import { type Digests, digestsOf, documentHash } from "./documents";
import { reject } from "./origination";
import { Field, PartyField, useWalletOf } from "./parts";
import { settle } from "./payment";
import { useWords } from "./words";

interface FormProps {
  submit: () => void;
  ready: boolean;
  label: string;
  children: ReactNode;
}

function Form({ submit, ready, label, children }: FormProps) {
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (ready) submit();
  };
  return (
    <form className="stack" onSubmit={send}>
      {children}
      <div>
        <Button type="primary" htmlType="submit" disabled={!ready}>
          {label}
        </Button>
      </div>
    </form>
  );
}

interface AmountProps {
  label: string;
  typed: string;
  type: (next: string) => void;
  hint?: string;
}

export function AmountField({ label, typed, type, hint }: AmountProps) {
  const t = useWords();
  const wrong = typed !== "" && fenOf(typed) === undefined;
  return (
    <Field label={label} hint={wrong ? t("receivables:amountWrong") : hint}>
      <input
        inputMode="decimal"
        autoComplete="off"
        value={typed}
        aria-invalid={wrong}
        onChange={({ target }) => type(target.value)}
      />
    </Field>
  );
}

export function SplitForm({ of }: { of: Receivable }) {
  const t = useWords();
  const act = useAct();
  const [typed, setTyped] = useState<readonly string[]>(["", ""]);
  const parts = typed.map(fenOf);
  const sum = parts.reduce<bigint>((total, part) => total + (part ?? 0n), 0n);
  const left = BigInt(of.face) - sum;
  const ready = left === 0n && parts.every((part) => part !== undefined && part > 0n);
  const change = (at: number, next: string) => setTyped(typed.map((one, place) => (place === at ? next : one)));
  return (
    <Form
      ready={ready}
      label={t("receivables:now.split")}
      submit={() =>
        act(
          split(
            t,
            of.id,
            parts.filter((part) => part !== undefined),
          ),
        )
      }
    >
      {typed.map((one, at) => (
        <AmountField
          key={at}
          label={t("receivables:split.part", { at: at + 1 })}
          typed={one}
          type={(next) => change(at, next)}
        />
      ))}
      <div className="row">
        <Button disabled={typed.length >= MOST_PARTS} onClick={() => setTyped([...typed, ""])}>
          {t("receivables:split.more")}
        </Button>
        <Button disabled={left <= 0n} onClick={() => change(typed.length - 1, plainYuan((parts.at(-1) ?? 0n) + left))}>
          {t("receivables:split.rest")}
        </Button>
      </div>
      <p role="status">
        {left === 0n ? t("receivables:split.exact") : t("receivables:split.left", { amount: money(left) })}
      </p>
    </Form>
  );
}

const MOST_PARTS = 50;

export function PassForm({ of }: { of: Receivable }) {
  const t = useWords();
  const act = useAct();
  const [party, setParty] = useState<number>();
  const wallet = useWalletOf(party);
  return (
    <Form
      ready={!!party && !!wallet}
      label={t("receivables:now.pass")}
      submit={() => party && wallet && act(passOn(t, of.id, party, wallet))}
    >
      <PartyField
        label={t("receivables:pass.to")}
        who="supplier"
        value={party}
        choose={setParty}
        but={of.holderParty}
      />
    </Form>
  );
}

export function SettleForm({ of }: { of: Receivable }) {
  const t = useWords();
  const act = useAct();
  const [typed, setTyped] = useState("");
  const amount = fenOf(typed);
  return (
    <Form
      ready={typed === "" || (amount !== undefined && amount > 0n)}
      label={t("receivables:now.settle")}
      submit={() => act(settle(t, of.id, amount))}
    >
      <AmountField
        label={t("receivables:settle.amount")}
        typed={typed}
        type={setTyped}
        hint={t("receivables:settle.all")}
      />
    </Form>
  );
}

export function ReasonForm({ of, kind }: { of: Receivable; kind: "reject" | "dispute" }) {
  const t = useWords();
  const act = useAct();
  const [reason, setReason] = useState("");
  return (
    <Form
      ready={reason.trim() !== ""}
      label={t(`receivables:now.${kind}`)}
      submit={() => act(kind === "reject" ? reject(t, of, reason) : dispute(t, of.id, reason))}
    >
      <Field label={t("receivables:reason.label")} hint={t("receivables:reason.why")}>
        <textarea rows={2} value={reason} onChange={({ target }) => setReason(target.value)} />
      </Field>
    </Form>
  );
}

export function CreditNoteForm({ of }: { of: Receivable }) {
  const t = useWords();
  const act = useAct();
  const [typed, setTyped] = useState("");
  const [documents, setDocuments] = useState<readonly Digests[]>([]);
  const amount = fenOf(typed);
  const [issued, setIssued] = useState(0);
  const read = async (files: readonly File[]) => setDocuments(await Promise.all(files.map(digestsOf)));
  // The same note is not to be issued twice by pressing once more.
  const done = () => {
    setTyped("");
    setDocuments([]);
    setIssued(issued + 1);
  };
  const hash = documents.length ? documentHash(documents.map(({ sha256 }) => sha256)) : undefined;
  return (
    <Form
      ready={!!amount && !!hash}
      label={t("receivables:now.credit")}
      submit={() => amount && hash && act({ ...creditNote(t, of.id, amount, hash), done })}
    >
      <AmountField label={t("receivables:credit.waived")} typed={typed} type={setTyped} />
      <FileInput key={issued} multiple label={t("receivables:credit.document")} choose={(files) => void read(files)} />
      {hash && <p className="mono">{hash}</p>}
    </Form>
  );
}
