/** What a party does with the bank, product by product. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { usePages } from "../../../api/pages";
import { useApi } from "../../../api/query";
import { Shown } from "../../../ui/Shown";
import { Figures } from "../../../ui/Figures";
import { Money } from "../../../ui/Money";
import { Listed } from "../../../ui/Listed";
import { Table } from "../../../ui/Table";
import { dateOfDay, percent } from "../../../ui/format";
import { Copyable } from "../../../ui/links";
import { Section } from "../BankPage";
import { useToldLine } from "../../../api/told";

export function Business({ party }: { party: number }) {
  return (
    <>
      <Receivables party={party} as="debtor" />
      <Receivables party={party} as="creditor" />
      <Financings party={party} as="debtor" />
      <Financings party={party} as="seller" />
      <Line party={party} />
      <Leases party={party} />
      <Documents party={party} />
    </>
  );
}

function Receivables({ party, as }: { party: number; as: "debtor" | "creditor" }) {
  const { t } = useTranslation("bank");
  const found = usePages("/v1/receivables", { [as]: party });
  if (found.data?.length === 0) return null;
  return (
    <Section title={t(`customer.receivables.${as}`)}>
      <Listed of={found}>
        {(rows) => (
          <Table
            label={t(`customer.receivables.${as}`)}
            file={`receivables-${as}-${party}`}
            rows={rows}
            rowKey={({ id }) => id}
            columns={[
              {
                title: t("columns.receivable"),
                show: ({ id }) => <Link to={`/receivables/${id}` as string}>{id}</Link>,
                plain: ({ id }) => id,
              },
              { title: t("columns.state"), show: ({ state }) => t(`states.${state}`), plain: ({ state }) => state },
              { title: t("columns.face"), show: ({ face }) => <Money fen={face} />, numeric: true },
              {
                title: t("columns.outstanding"),
                show: ({ outstanding }) => <Money fen={outstanding} />,
                plain: ({ outstanding }) => outstanding,
                numeric: true,
              },
              { title: t("columns.due"), show: ({ due }) => dateOfDay(due.day), plain: ({ due }) => due.date },
            ]}
          />
        )}
      </Listed>
    </Section>
  );
}

function Financings({ party, as }: { party: number; as: "debtor" | "seller" }) {
  const { t } = useTranslation("bank");
  const found = usePages("/v1/financings", { [as]: party });
  if (found.data?.length === 0) return null;
  return (
    <Section title={t(`customer.financings.${as}`)}>
      <Listed of={found}>
        {(rows) => (
          <Table
            label={t(`customer.financings.${as}`)}
            file={`financings-${as}-${party}`}
            rows={rows}
            rowKey={({ receivable, turn }) => `${receivable}-${turn}`}
            columns={[
              {
                title: t("columns.receivable"),
                show: ({ receivable }) => <Link to={`/receivables/${receivable}` as string}>{receivable}</Link>,
                plain: ({ receivable }) => receivable,
              },
              { title: t("columns.state"), show: ({ status }) => t(`states.${status}`), plain: ({ status }) => status },
              { title: t("columns.advance"), show: ({ advance }) => <Money fen={advance} />, numeric: true },
              {
                title: t("columns.outstanding"),
                show: ({ outstanding }) => <Money fen={outstanding} />,
                plain: ({ outstanding }) => outstanding,
                numeric: true,
              },
              { title: t("columns.rate"), show: ({ annualRateBps }) => percent(annualRateBps), numeric: true },
              { title: t("columns.due"), show: ({ due }) => dateOfDay(due.day), plain: ({ due }) => due.date },
            ]}
          />
        )}
      </Listed>
    </Section>
  );
}

function Line({ party }: { party: number }) {
  const { t } = useTranslation(["bank", "common"]);
  const { line: found, none } = useToldLine(party);
  return (
    <Section title={t("products.CreditLine")}>
      {none ? (
        <p className="muted">{t("customer.noLine")}</p>
      ) : (
        <Shown of={found}>
          {(line) => (
            <Figures
              of={[
                [
                  t("columns.state"),
                  `${t(`states.${line.status}`)}${line.frozen ? ` · ${t("customer.lineFrozen")}` : ""}`,
                ],
                [t("customer.lineLimit"), <Money key="limit" fen={line.limit} />],
                [t("customer.drawn"), <Money key="drawn" fen={line.drawn} />],
                [t("customer.owedToday"), <Money key="owed" fen={line.owed.total} />],
                [t("customer.overdue"), <Money key="overdue" fen={line.overdue} />],
                [t("customer.maturity"), dateOfDay(line.maturity.day)],
                [t("customer.agreement"), <Copyable key="agreement" text={line.agreementHash} />],
              ]}
            />
          )}
        </Shown>
      )}
    </Section>
  );
}

function Leases({ party }: { party: number }) {
  const { t } = useTranslation("bank");
  const found = usePages("/v1/leases", { party });
  if (found.data?.length === 0) return null;
  return (
    <Section title={t("customer.leases")}>
      <Listed of={found}>
        {(rows) => (
          <Table
            label={t("customer.leases")}
            file={`leases-${party}`}
            rows={rows}
            rowKey={({ lease }) => lease}
            columns={[
              {
                title: t("columns.lease"),
                show: ({ lease }) => <Link to={`/leases/${lease}` as string}>{lease}</Link>,
                plain: ({ lease }) => lease,
              },
              {
                title: t("columns.as"),
                show: ({ lessor }) => t(lessor === party ? "partyRoles.manufacturer" : "partyRoles.lessee"),
              },
              { title: t("columns.state"), show: ({ status }) => t(`states.${status}`), plain: ({ status }) => status },
              { title: t("customer.charged"), show: ({ charged }) => <Money fen={charged} />, numeric: true },
              { title: t("customer.paid"), show: ({ paid }) => <Money fen={paid} />, numeric: true },
              { title: t("customer.overdue"), show: ({ overdue }) => <Money fen={overdue} />, numeric: true },
            ]}
          />
        )}
      </Listed>
    </Section>
  );
}

/** Hashes of what the party agreed to; the documents themselves stay with those who signed them. */
function Documents({ party }: { party: number }) {
  const { t } = useTranslation("bank");
  const consents = useApi("/v1/parties/{party}/consents", { party });
  const leases = usePages("/v1/leases", { party });
  const rows = [
    ...(consents.data?.items ?? []).map(({ purpose, epoch, textHash }) => ({
      what: t(`customer.consents.${purpose}`, { epoch }),
      hash: textHash,
    })),
    ...(leases.data ?? []).flatMap(({ lease, documentHash, rulesHash }) => [
      { what: t("customer.leaseContract", { lease }), hash: documentHash },
      { what: t("customer.annex", { lease }), hash: rulesHash },
    ]),
  ];
  if (!rows.length) return null;
  return (
    <Section title={t("customer.documents")} about={t("customer.documentsWhy")}>
      <Table
        label={t("customer.documents")}
        rows={rows}
        rowKey={({ what }) => what}
        columns={[
          { title: t("columns.document"), show: ({ what }) => what },
          { title: t("columns.hash"), show: ({ hash }) => <Copyable text={hash} /> },
        ]}
      />
    </Section>
  );
}
