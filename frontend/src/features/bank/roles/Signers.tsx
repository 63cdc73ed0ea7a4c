/** Who signs the oracle's reports: the sets in force, and another in their place. */

import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Address, getAddress, isAddress } from "viem";
import { useApi } from "../../../api/query";
import { call } from "../../../chain/call";
import { Shown } from "../../../ui/Shown";
import { Table } from "../../../ui/Table";
import { AddressLink } from "../../../ui/links";
import { Section } from "../BankPage";
import { useDuty, useOffice } from "../duties/useDuty";

const ORACLES = ["CreditOracle", "DeviceOracle"] as const;
type Oracle = (typeof ORACLES)[number];

export function Signers() {
  const { t } = useTranslation("bank");
  const sets = useApi("/v1/audit/signers");
  return (
    <Section title={t("roles.signers")} about={t("roles.signersWhy")}>
      <Shown of={sets}>
        {({ items }) => (
          <Table
            label={t("roles.signers")}
            rows={items.filter(({ until }) => until === null)}
            rowKey={({ oracle }) => oracle}
            columns={[
              { title: t("columns.contract"), show: ({ oracle }) => t(`contracts.${oracle}`) },
              {
                title: t("fields.signers"),
                show: ({ signers }) =>
                  signers.map(({ address }) => (
                    <div key={address}>
                      <AddressLink address={address} />
                    </div>
                  )),
              },
              { title: t("fields.threshold_"), show: ({ threshold }) => threshold, numeric: true },
            ]}
          />
        )}
      </Shown>
      <NewSet />
    </Section>
  );
}

function NewSet() {
  const { t } = useTranslation("bank");
  const duty = useDuty();
  const mine = useOffice("admin");
  const [oracle, setOracle] = useState<Oracle>("CreditOracle");
  const [typed, setTyped] = useState("");
  const [threshold, setThreshold] = useState("");
  const signers = signersOf(typed);
  const least = Number(threshold);
  const ready = signers && Number.isInteger(least) && least >= 1 && least <= signers.length;
  const whose = t("duty.whose", { office: t("offices.admin") });
  const forget = () => {
    setTyped("");
    setThreshold("");
  };
  return (
    <form className="tile stack" aria-label={t("calls.setSigners.name")} onSubmit={(event) => event.preventDefault()}>
      <h3>{t("calls.setSigners.name")}</h3>
      <p className="muted">{t("roles.newSet")}</p>
      <label className="row">
        {t("columns.contract")}
        <select value={oracle} onChange={({ target }) => setOracle(target.value as Oracle)}>
          {ORACLES.map((one) => (
            <option key={one} value={one}>
              {t(`contracts.${one}`)}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        {t("roles.signerLines")}
        <textarea className="input wide" rows={3} value={typed} onChange={({ target }) => setTyped(target.value)} />
      </label>
      {typed && !signers && <span role="alert">{t("roles.signersInvalid")}</span>}
      <label className="row">
        {t("fields.threshold_")}
        <input
          className="input short"
          inputMode="numeric"
          value={threshold}
          onChange={({ target }) => setThreshold(target.value)}
        />
      </label>
      <div className="row">
        <Button
          disabled={!mine || !ready}
          title={mine ? undefined : whose}
          onClick={() => signers && duty(call(oracle, "setSigners", [signers, least]), { done: forget })}
        >
          {t("calls.setSigners.name")}
        </Button>
        {!mine && <span className="muted">{whose}</span>}
      </div>
    </form>
  );
}

/** In rising order, as the contracts want them; undefined while one is no address or stands there twice. */
function signersOf(typed: string): Address[] | undefined {
  const lines = typed.split(/[\s,]+/).filter(Boolean);
  if (!lines.length || !lines.every((one) => isAddress(one))) return undefined;
  const signers = lines.map((one) => getAddress(one)).toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  return new Set(signers).size === signers.length ? signers : undefined;
}
