/** Chooses a document and tells its hash; the document itself is not sent. */

import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { type Hex, sha256 } from "viem";

/** SHA-256, as the chain keeps of documents. */
export async function hashOfFile(file: Blob): Promise<Hex> {
  return sha256(new Uint8Array(await file.arrayBuffer()));
}

export function FileHash({ label, hash, give }: { label: string; hash: Hex | undefined; give: (hash: Hex) => void }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  // Where the hash is forgotten, so is the name of the file.
  useEffect(() => {
    if (!hash && input.current) input.current.value = "";
  }, [hash]);
  const choose = async (file: File | undefined) => file && give(await hashOfFile(file));
  return (
    <label className="file">
      {label}
      <input ref={input} type="file" onChange={({ target }) => void choose(target.files?.[0])} />
      <span className="muted">{hash ? <span className="mono">SHA-256 {hash}</span> : t("fileStays")}</span>
    </label>
  );
}
