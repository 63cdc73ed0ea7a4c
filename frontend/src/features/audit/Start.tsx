/** Search anything, and check the whole book for double financing. */

import { useNavigate } from "@tanstack/react-router";
import { Alert, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "../../api/query";
import { useInLanguage } from "../../text";
import { Shown } from "../../ui/Shown";
import { grouped } from "../../ui/format";
import { SearchBox } from "../explorer/SearchBox";
import { Frame } from "./Frame";

export default function Start() {
  const { t } = useTranslation("audit");
  return (
    <Frame title={t("title")}>
      <p>{t("intro")}</p>
      <SearchBox />
      <OfReceivable />
      <h2>{t("double.title")}</h2>
      <WholeBook />
    </Frame>
  );
}

function OfReceivable() {
  const { t } = useTranslation("audit");
  const navigate = useNavigate();
  const [id, setId] = useState("");
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault();
        void navigate({ to: `/audit/receivables/${id}` as string });
      }}
    >
      <label className="row">
        {t("provenance.which")}
        <input
          className="choice"
          inputMode="numeric"
          value={id}
          onChange={({ target }) => setId(target.value.replace(/\D/g, ""))}
        />
      </label>
      <Button htmlType="submit" disabled={id === ""}>
        {t("provenance.open")}
      </Button>
    </form>
  );
}

function WholeBook() {
  const { t } = useTranslation("audit");
  const inLanguage = useInLanguage();
  const check = useApi("/v1/audit/double-financing");
  return (
    <Shown of={check}>
      {({ clean, counts, conflicts, rules, block }) => (
        <>
          <Alert
            type={clean ? "success" : "error"}
            showIcon
            title={
              clean
                ? t("double.clean", {
                    fingerprints: grouped(counts.fingerprints),
                    receivables: grouped(counts.receivables),
                    financings: grouped(counts.financings),
                    open: grouped(counts.open),
                    block: block.number,
                  })
                : t("double.found", { count: conflicts.length })
            }
          />
          {conflicts.map((conflict) => (
            <p key={`${conflict.rule} ${conflict.receivables.join()}`}>{inLanguage(conflict.text)}</p>
          ))}
          <h3>{t("double.rules")}</h3>
          <ul>
            {Object.entries(rules).map(([rule, text]) => (
              <li key={rule}>{inLanguage(text)}</li>
            ))}
          </ul>
        </>
      )}
    </Shown>
  );
}
