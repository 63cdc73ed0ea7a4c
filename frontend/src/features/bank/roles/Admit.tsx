/** Contracts that the suite's own contracts listen to: products, holders of liens, assignees of rent, tokens. */

import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Address, isAddress, zeroAddress } from "viem";
import type { Office } from "../../../api/me";
import { type Call, call } from "../../../chain/call";
import { Section } from "../BankPage";
import { useDuty, useOffice } from "../duties/useDuty";
import { useWords } from "../duties/words";

const ADMISSIONS: readonly (readonly [Office, (contract: Address) => Call])[] = [
  ["admin", (product) => call("Treasury", "allowProduct", [product])],
  ["admin", (product) => call("Receivables", "allowLienor", [product])],
  ["admin", (lienor) => call("Equipment", "allowLienor", [lienor])],
  ["admin", (assignee) => call("RentLedger", "allowAssignee", [assignee])],
  ["risk_manager", (token) => call("Receivables", "allowCurrency", [token])],
];

export function Admit() {
  const { t } = useTranslation("bank");
  const words = useWords();
  const duty = useDuty();
  const [chosen, setChosen] = useState(0);
  const [typed, setTyped] = useState("");
  const [office, made] = ADMISSIONS[chosen]!;
  const mine = useOffice(office);
  const whose = t("duty.whose", { office: t(`offices.${office}`) });
  return (
    <Section title={t("roles.admit")} about={t("roles.admitWhy")}>
      <form className="row" aria-label={t("roles.admit")} onSubmit={(event) => event.preventDefault()}>
        <label className="row">
          {t("columns.operation")}
          <select value={chosen} onChange={({ target }) => setChosen(Number(target.value))}>
            {ADMISSIONS.map(([, admission], at) => {
              const { contract, functionName } = admission(zeroAddress);
              return (
                <option key={`${contract} ${functionName}`} value={at}>
                  {words.name(contract, functionName)} · {t(`contracts.${contract}`)}
                </option>
              );
            })}
          </select>
        </label>
        <label className="row">
          {t("roles.contractAddress")}
          <input className="input wide" value={typed} onChange={({ target }) => setTyped(target.value.trim())} />
        </label>
        <Button
          disabled={!mine || !isAddress(typed)}
          title={mine ? undefined : whose}
          onClick={() => isAddress(typed) && duty(made(typed), { done: () => setTyped("") })}
        >
          {t("roles.admitDo")}
        </Button>
        {!mine && <span className="muted">{whose}</span>}
      </form>
      {typed && !isAddress(typed) && <span role="alert">{t("roles.addressInvalid")}</span>}
    </Section>
  );
}
