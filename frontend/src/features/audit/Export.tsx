/** Everything, or a part of it, with a manifest of hashes. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { urlOf } from "../../api/client";
import { Choice } from "../../ui/Choice";
import { DateField } from "../../ui/DateField";
import { Frame } from "./Frame";

const WHAT = [
  "all",
  "receivables",
  "financings",
  "events",
  "oracle",
  "changes",
  "consents",
  "signers",
  "double-financing",
] as const;

export default function Export() {
  const { t } = useTranslation("audit");
  const [what, setWhat] = useState<(typeof WHAT)[number]>("all");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  return (
    <Frame title={t("export.title")}>
      <p>{t("export.intro")}</p>
      <div className="row">
        <span>{t("export.what")}</span>
        <Choice
          label={t("export.what")}
          value={what}
          choose={setWhat}
          of={WHAT.map((one) => [one, t(`export.whats.${one}`)] as const)}
        />
        <DateField label={t("export.from")} value={from} change={setFrom} />
        <DateField label={t("export.to")} value={to} change={setTo} />
        <a href={urlOf("/v1/audit/export", { what, from, to })} download>
          {t("export.download")}
        </a>
      </div>
    </Frame>
  );
}
