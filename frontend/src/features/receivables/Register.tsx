/** A supplier registers its claim; a core enterprise issues one against itself. */

import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Alert, Button, Card } from "antd";
import { type FormEvent, useState } from "react";
import { useConnectorClient } from "wagmi";
import { useMe } from "../../api/me";
import { useApi } from "../../api/query";
import type { Fingerprint } from "../../api/schema";
import { useAct } from "../../ui/Actions";
import { ConnectButton } from "../../ui/Connect";
import { DateField } from "../../ui/DateField";
import { FailureText } from "../../ui/FailureText";
import { FileInput } from "../../ui/FileInput";
import { Page } from "../../ui/Page";
import { dateOfDay, dayOfDate, fenOf } from "../../ui/format";
import { useFailure } from "../../ui/useFailure";
import { type Digests, digestsOf, documentHash } from "./documents";
import { askFingerprint } from "./fingerprint";
import { AmountField } from "./forms";
import { InvoiceFields, NO_INVOICE } from "./InvoiceFields";
import { issue, register } from "./origination";
import { Pages, PartyField, ReceivableLink, useWalletOf } from "./parts";
import { useWords } from "./words";

const LONGEST_DAYS = 365;

export default function Register() {
  const t = useWords();
  const me = useMe();
  const debtor = me?.roles.includes("core_enterprise") && !me.roles.includes("supplier");
  return (
    <Page title={t("receivables:pages.register")}>
      <Pages />
      <p>{t(debtor ? "receivables:register.issueIntro" : "receivables:register.intro")}</p>
      {me ? <Claim key={me.party} issuer={debtor ? me.party : undefined} /> : <NeedWallet />}
    </Page>
  );
}

export function NeedWallet() {
  const t = useWords();
  return <Alert type="info" showIcon title={t("receivables:register.needWallet")} description={<ConnectButton />} />;
}

/** `issuer`: the core enterprise that owes; without it the connected supplier is owed. */
function Claim({ issuer }: { issuer: number | undefined }) {
  const t = useWords();
  const me = useMe();
  const act = useAct();
  const navigate = useNavigate();
  const { data: client } = useConnectorClient();
  const today = useApi("/v1/status").data?.today.day;
  const [party, setParty] = useState<number>();
  const [invoice, setInvoice] = useState(NO_INVOICE);
  const [face, setFace] = useState("");
  const [due, setDue] = useState("");
  const [documents, setDocuments] = useState<readonly Digests[]>([]);
  const creditorWallet = useWalletOf(issuer && party);
  const ask = useMutation({
    mutationFn: async (debtor: number) => client && askFingerprint(client, debtor, invoice),
  });

  const amount = fenOf(face === "" ? invoice.total : face);
  const dueDay = due ? dayOfDate(due) : undefined;
  const papers = documents.map(({ sha256 }) => sha256);
  const debtor = issuer ?? party;
  const missing = missingOf(t, { party, invoice, amount, dueDay, papers });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (missing.length || !debtor || !amount || !dueDay) return;
    const found = await ask.mutateAsync(debtor).catch(() => undefined);
    if (!found || found.receivable) return;
    const fingerprint = found.fingerprint as `0x${string}`;
    const claim = { debtor, face: amount, dueDay, fingerprint, documentHash: documentHash(papers) };
    const action = issuer && party && creditorWallet ? issue(t, claim, party, creditorWallet) : register(t, [claim]);
    act({ ...action, done: () => void navigate({ to: "/receivables" as string }) });
  };
  const read = async (files: readonly File[]) => setDocuments(await Promise.all(files.map(digestsOf)));

  return (
    <Card>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <PartyField
          label={t(issuer ? "receivables:register.creditor" : "receivables:register.debtor")}
          who={issuer ? "supplier" : "core_enterprise"}
          value={party}
          choose={setParty}
          but={me?.party}
        />
        <InvoiceFields of={invoice} change={setInvoice} />
        <div className="entries">
          <AmountField
            label={t("receivables:register.face")}
            typed={face}
            type={setFace}
            hint={t("receivables:register.faceHint")}
          />
          <DateField
            label={t("receivables:due")}
            value={due}
            change={setDue}
            min={today === undefined ? undefined : dateOfDay(today + 1)}
            max={today === undefined ? undefined : dateOfDay(today + LONGEST_DAYS)}
            hint={t("receivables:register.dueHint")}
          />
        </div>
        <FileInput multiple label={t("receivables:register.documents")} choose={(files) => void read(files)} />
        {papers.length > 0 && <p className="mono">SHA-256 {documentHash(papers)}</p>}
        {missing.length > 0 && (
          <p className="muted">{t("receivables:register.missing", { what: missing.join(t("receivables:and")) })}</p>
        )}
        <p className="muted">{t("receivables:register.twoSteps")}</p>
        <div>
          <Button
            type="primary"
            htmlType="submit"
            size="large"
            loading={ask.isPending}
            disabled={missing.length > 0 || !client}
          >
            {t(issuer ? "receivables:register.issue" : "receivables:register.button")}
          </Button>
        </div>
        <Answer found={ask.data} error={ask.error} />
      </form>
    </Card>
  );
}

function Answer({ found, error }: { found: Fingerprint | undefined; error: Error | null }) {
  const t = useWords();
  const failure = useFailure(error);
  if (failure) return <FailureText failure={failure} />;
  if (!found?.receivable) return null;
  return (
    <Alert
      type="error"
      showIcon
      title={t("receivables:register.taken")}
      description={<ReceivableLink id={found.receivable} />}
    />
  );
}

interface Filled {
  party: number | undefined;
  invoice: typeof NO_INVOICE;
  amount: bigint | undefined;
  dueDay: number | undefined;
  papers: readonly string[];
}

function missingOf(t: ReturnType<typeof useWords>, { party, invoice, amount, dueDay, papers }: Filled): string[] {
  const needed: [string, boolean][] = [
    [t("receivables:register.party"), !!party],
    [t("receivables:invoice.number"), invoice.number.trim() !== ""],
    [t("receivables:invoice.issueDate"), invoice.issueDate !== ""],
    [t("receivables:invoice.total"), fenOf(invoice.total) !== undefined],
    [t("receivables:register.face"), !!amount],
    [t("receivables:due"), dueDay !== undefined],
    [t("receivables:register.documentsShort"), papers.length > 0],
  ];
  return needed.filter(([, there]) => !there).map(([name]) => name);
}
