/** Offices of the bank: who holds them, with which delay, what they may do; granting and revoking. */

import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Address, isAddress } from "viem";
import { OFFICES, type Office } from "../../../api/me";
import { usePages } from "../../../api/pages";
import { call } from "../../../chain/call";
import { Shown } from "../../../ui/Shown";
import { AddressLink } from "../../../ui/links";
import { Section } from "../BankPage";
import { DutyButton } from "../duties/DutyButton";
import { useDuty, useOffice } from "../duties/useDuty";
import { useWords } from "../duties/words";
import { type Holder, holdersOf, powersOf } from "./holders";

const ALL = Object.keys(OFFICES) as Office[];

export function Holders() {
  const { t } = useTranslation("bank");
  const changes = usePages("/v1/audit/changes", { matter: "role" }, { whole: true });
  const powers = usePages("/v1/audit/changes", { matter: "function_role" }, { whole: true });
  return (
    <Section title={t("roles.holders")} about={t("roles.holdersWhy")}>
      <Shown of={changes}>
        {(rows) => {
          const holders = holdersOf(rows);
          const may = powersOf(powers.data ?? []);
          return ALL.map((office) => (
            <Place
              key={office}
              office={office}
              holders={holders.get(String(OFFICES[office])) ?? []}
              powers={may.get(String(OFFICES[office])) ?? []}
            />
          ));
        }}
      </Shown>
      <GrantForm />
    </Section>
  );
}

interface PlaceProps {
  office: Office;
  holders: readonly Holder[];
  powers: readonly { contract: string; functionName: string }[];
}

function Place({ office, holders, powers }: PlaceProps) {
  const { t } = useTranslation("bank");
  const words = useWords();
  return (
    <article className="tile stack">
      <h3>{t(`offices.${office}`)}</h3>
      <p className="muted">{t(`officesDo.${office}`)}</p>
      {holders.length ? (
        <ul className="plain-list">
          {holders.map(({ account, delay }) => (
            <li key={account} className="row">
              <AddressLink address={account} />
              <span>{delay ? t("roles.delay", { time: words.duration(delay) }) : t("roles.noDelay")}</span>
              <DutyButton
                office="admin"
                danger
                call={() => call("Authority", "revokeRole", [OFFICES[office], account as Address])}
              />
            </li>
          ))}
        </ul>
      ) : (
        <p className="muted">{t("roles.nobody")}</p>
      )}
      {powers.length > 0 && (
        <details>
          <summary>{t("roles.powers", { count: powers.length })}</summary>
          <ul>
            {powers.map(({ contract, functionName }) => (
              <li key={`${contract}.${functionName}`}>
                {words.name(contract, functionName)}{" "}
                <span className="muted mono">
                  {contract}.{functionName}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </article>
  );
}

function GrantForm() {
  const { t } = useTranslation("bank");
  const [office, setOffice] = useState<Office>("risk_officer");
  const [account, setAccount] = useState("");
  const [hours, setHours] = useState("0");
  const duty = useDuty();
  const mine = useOffice("admin");
  const delay = /^\d{1,5}$/.test(hours) ? Number(hours) * 3600 : undefined;
  return (
    <form className="row" aria-label={t("calls.grantRole.name")} onSubmit={(event) => event.preventDefault()}>
      <label className="row">
        {t("fields.roleId")}
        <select value={office} onChange={({ target }) => setOffice(target.value as Office)}>
          {ALL.map((one) => (
            <option key={one} value={one}>
              {t(`offices.${one}`)}
            </option>
          ))}
        </select>
      </label>
      <label className="row">
        {t("fields.account")}
        <input className="input wide" value={account} onChange={({ target }) => setAccount(target.value.trim())} />
      </label>
      <label className="row">
        {t("roles.delayHours")}
        <input
          className="input short"
          value={hours}
          inputMode="numeric"
          onChange={({ target }) => setHours(target.value)}
        />
      </label>
      <Button
        disabled={!mine || !isAddress(account) || delay === undefined}
        title={mine ? undefined : t("duty.whose", { office: t("offices.admin") })}
        onClick={() =>
          isAddress(account) &&
          delay !== undefined &&
          duty(call("Authority", "grantRole", [OFFICES[office], account, delay]))
        }
      >
        {t("calls.grantRole.name")}
      </Button>
      {!mine && <span className="muted">{t("duty.whose", { office: t("offices.admin") })}</span>}
    </form>
  );
}
