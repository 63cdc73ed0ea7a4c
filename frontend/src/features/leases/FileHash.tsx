/** Chooses a document and tells its hash; the document itself is not sent. */

import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { Hex } from "viem";
import { hashOfFile } from "./hash";

export function FileHash({ label, hash, give }: { label: string; hash: Hex | undefined; give: (hash: Hex) => void }) {
  const { t } = useTranslation("leases");
  const id = useId();
  const choose = async (file: File | undefined) => file && give(await hashOfFile(file));
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} type="file" onChange={(event) => void choose(event.target.files?.[0])} />
      <span className="muted">{hash ? <span className="mono">{hash}</span> : t("form.fileStays")}</span>
    </div>
  );
}
