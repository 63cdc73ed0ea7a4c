/** Every refusal of the contracts, with what to do. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { contractErrors } from "../../chain/errors";
import { nextSteps } from "../../chain/next";
import { useLanguage } from "../../text";
import { Table } from "../../ui/Table";
import { Frame } from "./Frame";

const CODES = (Object.keys(contractErrors) as (keyof typeof contractErrors)[]).toSorted();

export default function Errors() {
  const { t } = useTranslation(["help", "next"]);
  const language = useLanguage();
  const [wanted, setWanted] = useState("");
  const text = (code: keyof typeof contractErrors) => contractErrors[code].notice[language];
  const found = CODES.filter((code) => `${code} ${text(code)}`.toLowerCase().includes(wanted.trim().toLowerCase()));
  return (
    <Frame title={t("help:errors.title")}>
      <p>{t("help:errors.intro")}</p>
      <label className="row">
        {t("help:errors.search")}
        <input className="choice" type="search" value={wanted} onChange={({ target }) => setWanted(target.value)} />
      </label>
      <Table
        label={t("help:errors.title")}
        columns={[
          { title: t("help:errors.code"), show: (code) => <span className="mono">{code}</span>, plain: (code) => code },
          { title: t("help:errors.text"), show: text, plain: text },
          {
            title: t("help:errors.next"),
            show: (code) => t(`next:${nextSteps[code]}`),
            plain: (code) => t(`next:${nextSteps[code]}`),
          },
        ]}
        rows={found}
        rowKey={(code) => code}
        file="heqi-messages"
      />
    </Frame>
  );
}
