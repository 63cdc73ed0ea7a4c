/** The fields of an invoice by which it is recognised, as printed on it. */

import type { Invoice } from "../../api/schema";
import { DateField } from "../../ui/DateField";
import { Field } from "./parts";
import { useWords } from "./words";

export const NO_INVOICE: Invoice = { code: "", number: "", issueDate: "", total: "", currency: "CNY" };

export function InvoiceFields({ of, change }: { of: Invoice; change: (next: Invoice) => void }) {
  const t = useWords();
  const set = (name: keyof Invoice) => (event: { target: { value: string } }) =>
    change({ ...of, [name]: event.target.value });
  return (
    <div className="entries">
      <Field label={t("receivables:invoice.number")}>
        <input value={of.number} maxLength={40} autoComplete="off" onChange={set("number")} />
      </Field>
      <Field label={t("receivables:invoice.code")} hint={t("receivables:invoice.codeHint")}>
        <input value={of.code} maxLength={20} autoComplete="off" onChange={set("code")} />
      </Field>
      <DateField
        label={t("receivables:invoice.issueDate")}
        value={of.issueDate}
        change={(issueDate) => change({ ...of, issueDate })}
      />
      <Field label={t("receivables:invoice.total")} hint={t("receivables:invoice.totalHint")}>
        <input inputMode="decimal" value={of.total} maxLength={24} autoComplete="off" onChange={set("total")} />
      </Field>
    </div>
  );
}
