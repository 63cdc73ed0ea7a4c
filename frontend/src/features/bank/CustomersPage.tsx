/** All parties with what they may owe and owe. */

import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ROLES } from "../../api/me";
import { useApi } from "../../api/query";
import type { Exposure, Party } from "../../api/schema";
import { Money } from "../../ui/Money";
import { Shown } from "../../ui/Shown";
import { Table } from "../../ui/Table";
import { plainYuan, time } from "../../ui/format";
import { AddressLink } from "../../ui/links";
import { BankPage } from "./BankPage";
import { useWords } from "./duties/words";

const MOST = 200;

export default function CustomersPage() {
  const { t } = useTranslation(["bank", "common"]);
  const [role, setRole] = useState("");
  const [sought, setSought] = useState("");
  const [after, setAfter] = useState<string>();
  const parties = useApi("/v1/parties", { role, after, limit: MOST });
  const exposures = useApi("/v1/treasury/exposures", { limit: MOST, after });
  return (
    <BankPage title={t("customers.title")}>
      <div className="row">
        <label className="row">
          {t("customers.role")}
          <select value={role} onChange={({ target }) => (setRole(target.value), setAfter(undefined))}>
            <option value="">{t("common:table.all")}</option>
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {t(`partyRoles.${one}`)}
              </option>
            ))}
          </select>
        </label>
        <label className="row">
          {t("customers.find")}
          <input className="input" value={sought} onChange={({ target }) => setSought(target.value)} />
        </label>
      </div>
      <Shown of={parties} empty={({ items }) => items.length === 0}>
        {({ items, next }) => (
          <>
            <Parties parties={items.filter((one) => fits(one, sought))} exposures={exposures.data?.items ?? []} />
            <div className="row">
              {after && <Button onClick={() => setAfter(undefined)}>{t("customers.first")}</Button>}
              {next && <Button onClick={() => setAfter(next)}>{t("common:query.more")}</Button>}
            </div>
          </>
        )}
      </Shown>
    </BankPage>
  );
}

/** By number or by a wallet. */
function fits({ party, wallets }: Party, sought: string): boolean {
  const text = sought.trim().toLowerCase();
  return !text || String(party) === text || wallets.some(({ wallet }) => wallet.toLowerCase().startsWith(text));
}

function Parties({ parties, exposures }: { parties: readonly Party[]; exposures: readonly Exposure[] }) {
  const { t } = useTranslation(["bank", "common"]);
  const words = useWords();
  const of = new Map(exposures.map((one) => [one.party, one]));
  const amount = (party: Party, field: "limit" | "outstanding") => of.get(party.party)?.[field] ?? "0";
  return (
    <Table
      label={t("customers.title")}
      file="parties"
      rows={parties}
      rowKey={({ party }) => party}
      columns={[
        {
          title: t("columns.party"),
          show: ({ party }) => <Link to={`/bank/customers/${party}` as string}>{t("common:party", { party })}</Link>,
          plain: ({ party }) => party,
        },
        {
          title: t("fields.roles"),
          show: ({ roles }) => roles.map(words.role).join(t("listed")),
          plain: ({ roles }) => roles.join(" "),
        },
        {
          title: t("columns.wallet"),
          show: ({ wallets }) => {
            const wallet = wallets.find(({ successor }) => !successor)?.wallet;
            return wallet ? <AddressLink address={wallet} /> : "–";
          },
          plain: ({ wallets }) => wallets.map(({ wallet }) => wallet).join(" "),
        },
        {
          title: t("customer.validUntil"),
          show: ({ validUntil }) => (validUntil ? time(validUntil) : "–"),
          plain: ({ validUntil }) => validUntil ?? "",
        },
        {
          title: t("columns.state"),
          show: (one) => t(one.frozen ? "customer.frozen" : "customer.free"),
          plain: ({ frozen }) => String(frozen),
        },
        {
          title: t("fields.limit"),
          show: (one) => <Money fen={amount(one, "limit")} />,
          plain: (one) => plainYuan(BigInt(amount(one, "limit"))),
          numeric: true,
        },
        {
          title: t("columns.outstanding"),
          show: (one) => <Money fen={amount(one, "outstanding")} />,
          plain: (one) => plainYuan(BigInt(amount(one, "outstanding"))),
          numeric: true,
        },
        {
          title: t("columns.arrears"),
          show: ({ party }) => of.get(party)?.arrears ?? 0,
          plain: ({ party }) => of.get(party)?.arrears ?? 0,
          numeric: true,
        },
      ]}
    />
  );
}
