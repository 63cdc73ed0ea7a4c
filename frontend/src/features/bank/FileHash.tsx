/** A document that stays on this computer: only its hash goes on chain, and that is computed here. */

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Hex, sha256 } from "viem";

export function FileHash({ label, set }: { label: string; set: (hash: Hex | undefined) => void }) {
  const { t } = useTranslation("bank");
  const [hash, setHash] = useState<Hex>();
  const take = async (file: File | undefined) => {
    const found = file && sha256(new Uint8Array(await file.arrayBuffer()));
    setHash(found);
    set(found);
  };
  return (
    <label className="file">
      {label}
      <input type="file" onChange={({ target }) => void take(target.files?.[0])} />
      <span className="muted">{hash ? <span className="mono">SHA-256 {hash}</span> : t("form.fileStays")}</span>
    </label>
  );
}
