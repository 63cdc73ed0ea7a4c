/** All parties with what they may owe and owe. */

import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ROLES } from "../../api/me";
import { usePages } from "../../api/pages";
import type { Party } from "../../api/schema";
import { Money } from "../../ui/Money";
import { Listed } from "../../ui/Listed";
import { Table } from "../../ui/Table";
import { plainYuan, time } from "../../ui/format";
import { AddressLink } from "../../ui/links";
import { BankPage } from "./BankPage";
import { useWords } from "./duties/words";

export default function CustomersPage() {
  const { t } = useTranslation(["bank", "common"]);
  const [role, setRole] = useState("");
  const [sought, setSought] = useState("");
  // What is sought may be on any page.
  const parties = usePages("/v1/parties", { role }, { whole: sought.trim() !== "" });
  return (
    <BankPage title={t("customers.title")}>
      <div className="row">
        <label className="row">
          {t("customers.role")}
          <select value={role} onChange={({ target }) => setRole(target.value)}>
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
      <Listed of={parties}>{(rows) => <Parties parties={rows.filter((one) => fits(one, sought))} />}</Listed>
    </BankPage>
  );
}

/** By number or by a wallet. */
function fits({ party, wallets }: Party, sought: string): boolean {
  const text = sought.trim().toLowerCase();
  return !text || String(party) === text || wallets.some(({ wallet }) => wallet.toLowerCase().startsWith(text));
}

function Parties({ parties }: { parties: readonly Party[] }) {
  const { t } = useTranslation(["bank", "common"]);
  const words = useWords();
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
          show: ({ exposure }) => <Money fen={exposure.limit} />,
          plain: ({ exposure }) => plainYuan(BigInt(exposure.limit)),
          numeric: true,
        },
        {
          title: t("columns.outstanding"),
          show: ({ exposure }) => <Money fen={exposure.outstanding} />,
          plain: ({ exposure }) => plainYuan(BigInt(exposure.outstanding)),
          numeric: true,
        },
        {
          title: t("columns.arrears"),
          show: ({ exposure }) => exposure.arrears,
          plain: ({ exposure }) => exposure.arrears,
          numeric: true,
        },
      ]}
    />
  );
}
