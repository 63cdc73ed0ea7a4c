/** Chooses a document and tells its hash; the document itself is not sent. */

import { useTranslation } from "react-i18next";
import { type Hex, sha256 } from "viem";
import { FileInput } from "./FileInput";

/** SHA-256, as the chain keeps of documents. */
export async function hashOfFile(file: Blob): Promise<Hex> {
  return sha256(new Uint8Array(await file.arrayBuffer()));
}

export function FileHash({ label, hash, give }: { label: string; hash: Hex | undefined; give: (hash: Hex) => void }) {
  const { t } = useTranslation();
  const choose = async (file: File | undefined) => file && give(await hashOfFile(file));
  return (
    <div className="field">
      <FileInput label={label} choose={([file]) => void choose(file)} forgotten={!hash} />
      <span className="muted">{hash ? <span className="mono">SHA-256 {hash}</span> : t("file.stays")}</span>
    </div>
  );
}
