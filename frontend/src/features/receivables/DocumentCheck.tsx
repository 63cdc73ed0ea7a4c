/** Comparing papers with the hash on chain, on this computer alone. */

import { Alert, Card } from "antd";
import { useState } from "react";
import { type Digests, digestsOf, matched } from "./documents";
import { FilesField } from "./FilesField";
import { useWords } from "./words";

export function DocumentCheck({ documentHash }: { documentHash: string }) {
  const t = useWords();
  const [documents, setDocuments] = useState<readonly Digests[]>();
  const check = async (files: readonly File[]) => setDocuments(await Promise.all(files.map(digestsOf)));
  return (
    <Card title={<h2>{t("receivables:documents.title")}</h2>}>
      <div className="stack">
        <p>{t("receivables:documents.local")}</p>
        <p className="mono">{documentHash}</p>
        <FilesField label={t("receivables:documents.choose")} choose={(files) => void check(files)} />
        {documents && documents.length > 0 && <Verdict of={documents} onChain={documentHash} />}
      </div>
    </Card>
  );
}

function Verdict({ of, onChain }: { of: readonly Digests[]; onChain: string }) {
  const t = useWords();
  const algorithm = matched(of, onChain);
  const names = { sha256: "SHA-256", keccak256: "Keccak-256" };
  return (
    <>
      <Alert
        type={algorithm ? "success" : "error"}
        showIcon
        role="status"
        title={
          algorithm
            ? t("receivables:documents.same", { algorithm: names[algorithm] })
            : t("receivables:documents.different")
        }
      />
      {of.map(({ name, sha256, keccak256 }) => (
        <dl className="digests" key={name}>
          <dt>{name}</dt>
          <dd className="mono">SHA-256 {sha256}</dd>
          <dd className="mono">Keccak-256 {keccak256}</dd>
        </dl>
      ))}
    </>
  );
}
