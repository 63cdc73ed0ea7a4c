/** The lenders' money: what it is worth, where it is, who it belongs to. */

import { useTranslation } from "react-i18next";
import { useApi } from "../../api/query";
import type { Treasury, TreasuryValue } from "../../api/schema";
import { type Figure, Tiles } from "../../ui/Figures";
import { Money } from "../../ui/Money";
import { Shown } from "../../ui/Shown";
import { Table } from "../../ui/Table";
import { dateOfDay, plainYuan } from "../../ui/format";
import { AddressLink, PartyLink } from "../../ui/links";
import { BankPage, Section } from "./BankPage";
import { PRODUCTS } from "./duties/words";
import { CoverForms } from "./treasury/Cover";
import { LenderForms } from "./treasury/Lend";
import { priceOf, sharesOf, valueOf } from "./treasury/shares";

export default function TreasuryPage() {
  const { t } = useTranslation("bank");
  const treasury = useApi("/v1/treasury");
  const value = useApi("/v1/treasury/value");
  return (
    <BankPage title={t("treasury.title")}>
      <Shown of={value}>{(worth) => <Shown of={treasury}>{(book) => <Book of={book} worth={worth} />}</Shown>}</Shown>
      <Section title={t("treasury.lend")} about={t("treasury.lendWhy")}>
        <LenderForms />
      </Section>
      <Section title={t("treasury.cover")} about={t("treasury.coverWhy")}>
        <CoverForms />
      </Section>
      <Shown of={value}>{(worth) => <Lenders worth={worth} />}</Shown>
    </BankPage>
  );
}

type Name = "cash" | "outstanding" | "impaired" | "cover" | "writtenOff" | "fromCover" | "recovered";

/** `worth`: what there is, at one block; `of`: sums since the beginning. */
function Book({ of, worth }: { of: Treasury; worth: TreasuryValue }) {
  const { t } = useTranslation("bank");
  const net = BigInt(worth.netAssets);
  const amount = (name: Name, fen: string): Figure => [
    t(`treasury.figures.${name}`),
    <Money key={name} fen={fen} />,
    t(`treasury.why.${name}`),
  ];
  return (
    <>
      <p className="muted">{t("treasury.asOf", { day: dateOfDay(worth.day.day) })}</p>
      <Tiles
        of={[
          amount("cash", worth.cash),
          [t("treasury.figures.net"), <Money key="net" fen={net} />, t("treasury.why.net")],
          [t("treasury.figures.price"), priceOf(net, BigInt(worth.shares)), t("treasury.why.price")],
          [t("treasury.figures.shares"), sharesOf(worth.shares), t("treasury.why.shares")],
          amount("outstanding", worth.outstanding),
          [t("treasury.figures.liquidity"), share(BigInt(worth.cash), net), t("treasury.why.liquidity")],
          amount("impaired", worth.impaired),
          amount("cover", worth.cover),
        ]}
      />
      <Section title={t("treasury.sum")} about={t("treasury.sumWhy")}>
        <Table
          label={t("treasury.sum")}
          rows={sum(worth)}
          rowKey={({ name }) => name}
          columns={[
            { title: t("columns.figure"), show: ({ name }) => t(`treasury.figures.${name}`) },
            { title: t("columns.amount"), show: ({ fen }) => <Money fen={fen} />, numeric: true },
            { title: t("columns.meaning"), show: ({ name }) => t(`treasury.why.${name}`) },
          ]}
        />
      </Section>
      <Section title={t("treasury.income")}>
        <Tiles
          of={[
            [t("treasury.figures.lateIncome"), <Money key="late" fen={of.lateIncome} />],
            [t("treasury.figures.lineIncome"), <Money key="line" fen={of.lineIncome} />],
            [t("treasury.figures.leaseIncome"), <Money key="lease" fen={of.leaseIncome} />],
            amount("writtenOff", of.writtenOff),
            amount("fromCover", of.fromCover),
            amount("recovered", of.recovered),
          ]}
        />
      </Section>
      <Section title={t("operations.outstandingByProduct")}>
        <Table
          label={t("operations.outstandingByProduct")}
          rows={PRODUCTS}
          rowKey={(product) => product}
          columns={[
            { title: t("columns.product"), show: (product) => t(`products.${product}`) },
            {
              title: t("columns.outstanding"),
              show: (product) => <Money fen={of.products[product] ?? "0"} />,
              numeric: true,
            },
          ]}
        />
      </Section>
    </>
  );
}

/** How net assets come about at one block; each line with its sign. */
function sum(worth: TreasuryValue) {
  return [
    { name: "cash", fen: BigInt(worth.cash) },
    { name: "outstanding", fen: BigInt(worth.outstanding) },
    { name: "accrued", fen: BigInt(worth.accrued) },
    { name: "unearned", fen: -BigInt(worth.unearned) },
    { name: "gross", fen: BigInt(worth.grossAssets) },
    { name: "impairment", fen: -BigInt(worth.impaired) },
    { name: "net", fen: BigInt(worth.netAssets) },
  ] as const;
}

/** Share of the whole in percent, rounded down. */
function share(part: bigint, whole: bigint): string {
  if (whole <= 0n) return "–";
  const bps = (part * 10_000n) / whole;
  return `${bps / 100n}.${String(bps % 100n).padStart(2, "0")}%`;
}

function Lenders({ worth }: { worth: TreasuryValue }) {
  const { t } = useTranslation("bank");
  const lenders = useApi("/v1/treasury/lenders");
  const worthOf = (shares: string) => valueOf(BigInt(shares), BigInt(worth.netAssets), BigInt(worth.shares));
  return (
    <Section title={t("treasury.lenders")}>
      <Shown of={lenders} empty={({ items }) => items.length === 0}>
        {({ items }) => (
          <Table
            label={t("treasury.lenders")}
            file="lenders"
            rows={items}
            rowKey={({ wallet }) => wallet}
            columns={[
              {
                title: t("columns.wallet"),
                show: ({ wallet }) => <AddressLink address={wallet} />,
                plain: ({ wallet }) => wallet,
              },
              {
                title: t("columns.party"),
                show: ({ party }) => <PartyLink party={party} />,
                plain: (one) => one.party ?? "",
              },
              {
                title: t("columns.shares"),
                show: ({ shares }) => sharesOf(shares),
                plain: ({ shares }) => shares,
                numeric: true,
              },
              {
                title: t("treasury.worth"),
                show: ({ shares }) => <Money fen={worthOf(shares)} />,
                plain: ({ shares }) => plainYuan(worthOf(shares)),
                numeric: true,
              },
            ]}
          />
        )}
      </Shown>
    </Section>
  );
}
