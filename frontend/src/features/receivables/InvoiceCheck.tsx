/** The debtor compares a claim with its own copy of the invoice before it binds itself. */

import { Alert, Button } from "antd";
import { useState } from "react";
import { useConnectorClient } from "wagmi";
import { useMutation } from "@tanstack/react-query";
import type { Receivable } from "../../api/schema";
import { FailureText } from "../../ui/FailureText";
import { useFailure } from "../../ui/useFailure";
import { askFingerprint } from "./fingerprint";
import { InvoiceFields, NO_INVOICE } from "./InvoiceFields";
import { useWords } from "./words";

export function InvoiceCheck({ of }: { of: Receivable }) {
  const t = useWords();
  const { data: client } = useConnectorClient();
  const [invoice, setInvoice] = useState(NO_INVOICE);
  const check = useMutation({ mutationFn: async () => client && askFingerprint(client, of.debtor, invoice) });
  const failure = useFailure(check.error);
  const same = check.data?.fingerprint === of.fingerprint;
  const ready = invoice.number !== "" && invoice.issueDate !== "" && invoice.total !== "";
  return (
    <fieldset className="stack">
      <legend>{t("receivables:check.title")}</legend>
      <p className="muted">{t("receivables:check.why")}</p>
      <InvoiceFields of={invoice} change={setInvoice} />
      <div>
        <Button disabled={!ready || !client} loading={check.isPending} onClick={() => check.mutate()}>
          {t("receivables:check.button")}
        </Button>
      </div>
      {failure && <FailureText failure={failure} />}
      {check.data && (
        <Alert
          type={same ? "success" : "error"}
          showIcon
          role="status"
          title={t(same ? "receivables:check.same" : "receivables:check.different")}
        />
      )}
    </fieldset>
  );
}
