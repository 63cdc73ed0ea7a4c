/** How the bank's business stands: every figure with its definition. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "../../api/query";
import type { BusinessFigures, Operations, ProductFigures } from "../../api/schema";
import { useInLanguage } from "../../text";
import { type Figure, Tiles } from "../../ui/Figures";
import { Money } from "../../ui/Money";
import { Shown } from "../../ui/Shown";
import { Table } from "../../ui/Table";
import { dateOfDay, percent, time } from "../../ui/format";
import { BankPage, Section } from "./BankPage";
import { DisbursedChart, OutstandingChart, OverdueChart } from "./charts";
import { Health } from "./Health";

export default function OperationsPage() {
  const { t } = useTranslation("bank");
  const operations = useApi("/v1/operations");
  return (
    <BankPage title={t("operations.title")}>
      <Shown of={operations}>{(found) => <Board of={found} />}</Shown>
    </BankPage>
  );
}

type Selection = "total" | ProductFigures["product"];

function Board({ of }: { of: Operations }) {
  const { t } = useTranslation("bank");
  const inLanguage = useInLanguage();
  const [shown, setShown] = useState<Selection>("total");
  const product = of.products.find((one) => one.product === shown);
  const figures = product ?? of.total;
  return (
    <>
      <div className="row">
        <label className="row">
          {t("operations.of")}
          <select value={shown} onChange={({ target }) => setShown(target.value as Selection)}>
            <option value="total">{t("operations.all")}</option>
            {of.products.map((one) => (
              <option key={one.product} value={one.product}>
                {inLanguage(one.name)}
              </option>
            ))}
          </select>
        </label>
        <span className="muted">
          {t("operations.asOf", { day: dateOfDay(of.day.day), block: of.block, time: of.at ? time(of.at) : "–" })}
        </span>
      </div>
      <Tiles of={useTiles(figures, of.explanations)} />
      <Definitions of={of.explanations} />
      <Section title={t("figures.disbursedByDay")} about={about(of, "disbursedByDay", inLanguage)}>
        <DisbursedChart days={figures.disbursedByDay} />
      </Section>
      <div className="halves">
        <Section title={t("operations.outstandingByProduct")} about={about(of, "outstanding", inLanguage)}>
          <OutstandingChart products={of.products} />
        </Section>
        <Section title={t("operations.overdue")} about={about(of, "overdue", inLanguage)}>
          <OverdueChart buckets={figures.overdue} />
        </Section>
      </div>
      <Refusals products={product ? [product] : of.products} why={about(of, "refusals", inLanguage)} />
      <Funnel products={product ? [product] : of.products} why={about(of, "funnel", inLanguage)} />
      <Health of={of} />
    </>
  );
}

type InLanguage = ReturnType<typeof useInLanguage>;

export function about(of: Operations, figure: string, inLanguage: InLanguage): string {
  const found = of.explanations[figure];
  return found ? inLanguage(found) : "";
}

function useTiles(of: BusinessFigures, explanations: Operations["explanations"]): Figure[] {
  const { t } = useTranslation("bank");
  const inLanguage = useInLanguage();
  const none = t("operations.nothing");
  const values = {
    applications: of.applications,
    approvals: of.approvals,
    refusals: of.refusals,
    approvalRateBps: of.approvalRateBps === null ? none : percent(of.approvalRateBps),
    disbursed: <Money fen={of.disbursed} />,
    repaid: <Money fen={of.repaid} />,
    outstanding: <Money fen={of.outstanding} />,
    nonPerforming: <Money fen={of.nonPerforming} />,
    nplRatioBps: of.nplRatioBps === null ? none : percent(of.nplRatioBps),
    writtenOff: <Money fen={of.writtenOff} />,
    fromCover: <Money fen={of.fromCover} />,
    recovered: <Money fen={of.recovered} />,
  } as const;
  return (Object.keys(values) as (keyof typeof values)[]).map((name) => {
    const why = explanations[name];
    return [t(`figures.${name}`), values[name], why ? inLanguage(why) : ""];
  });
}

function Definitions({ of }: { of: Operations["explanations"] }) {
  const { t, i18n } = useTranslation("bank");
  const inLanguage = useInLanguage();
  return (
    <details>
      <summary>{t("operations.definitions")}</summary>
      <dl className="definitions">
        {Object.entries(of)
          .filter(([name]) => i18n.exists(`bank:figures.${name}`))
          .map(([name, texts]) => (
            <div key={name}>
              <dt>{t(`figures.${name}` as "figures.disbursed")}</dt>
              <dd>{inLanguage(texts)}</dd>
            </div>
          ))}
      </dl>
    </details>
  );
}

function Refusals({ products, why }: { products: readonly ProductFigures[]; why: string }) {
  const { t } = useTranslation(["bank", "common"]);
  const inLanguage = useInLanguage();
  const rows = products.flatMap((one) => one.refusalsByReason.map((refusal) => ({ ...refusal, product: one.name })));
  return (
    <Section title={t("operations.refusals")} about={why}>
      {rows.length ? (
        <Table
          label={t("operations.refusals")}
          file="refusals"
          rows={rows}
          rowKey={(row) => `${row.product.en}-${row.step}-${row.reason}`}
          columns={[
            { title: t("columns.product"), show: (row) => inLanguage(row.product), plain: (row) => row.product.en },
            {
              title: t("columns.reason"),
              show: (row) => (
                <>
                  {inLanguage(row.text)} <span className="muted mono">{row.reason}</span>
                </>
              ),
              plain: (row) => row.reason,
            },
            { title: t("columns.step"), show: (row) => t(`operations.${row.step}`), plain: (row) => row.step },
            { title: t("columns.count"), show: (row) => row.count, plain: (row) => row.count, numeric: true },
          ]}
        />
      ) : (
        <p className="muted">{t("operations.noRefusals")}</p>
      )}
    </Section>
  );
}

function Funnel({ products, why }: { products: readonly ProductFigures[]; why: string }) {
  const { t } = useTranslation("bank");
  const inLanguage = useInLanguage();
  const rows = products.flatMap((one) => one.funnel.map((step) => ({ ...step, product: one.name })));
  return (
    <Section title={t("figures.funnel")} about={why}>
      <Table
        label={t("figures.funnel")}
        rows={rows}
        rowKey={(row) => `${row.product.en}-${row.step}`}
        columns={[
          { title: t("columns.product"), show: (row) => inLanguage(row.product) },
          { title: t("columns.step"), show: (row) => inLanguage(row.name) },
          { title: t("columns.count"), show: (row) => row.count, numeric: true },
        ]}
      />
    </Section>
  );
}
