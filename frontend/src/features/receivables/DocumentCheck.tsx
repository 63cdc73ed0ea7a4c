/** Comparing papers and reasons with their hashes on chain, on this computer alone. */

import { Alert, Card } from "antd";
import { useState } from "react";
import type { ReceivableDetail } from "../../api/schema";
import { Figures } from "../../ui/Figures";
import { FileInput } from "../../ui/FileInput";
import { time } from "../../ui/format";
import { Copyable } from "../../ui/links";
import { type Digests, digestsOf, digestsOfReason, matched } from "./documents";
import { type Named, papersOf, reasonsOf } from "./named";
import { Field } from "./parts";
import { useWords } from "./words";

export function DocumentCheck({ of }: { of: ReceivableDetail }) {
  const t = useWords();
  const [documents, setDocuments] = useState<readonly Digests[]>([]);
  const check = async (files: readonly File[]) => setDocuments(await Promise.all(files.map(digestsOf)));
  const papers = papersOf(t, of);
  return (
    <Card title={<h2>{t("receivables:documents.title")}</h2>}>
      <div className="stack">
        <p>{t("receivables:documents.local")}</p>
        <OnChain of={papers} />
        <FileInput multiple label={t("receivables:documents.choose")} choose={(files) => void check(files)} />
        {documents.length > 0 && (
          <Verdict of={documents} onChain={papers} otherwise={t("receivables:documents.different")} />
        )}
        {documents.map(({ name, sha256, keccak256 }) => (
          <dl className="digests" key={name}>
            <dt>{name}</dt>
            <dd className="mono">SHA-256 {sha256}</dd>
            <dd className="mono">Keccak-256 {keccak256}</dd>
          </dl>
        ))}
      </div>
    </Card>
  );
}

/** Only where a reason was given. */
export function ReasonCheck({ of }: { of: ReceivableDetail }) {
  const t = useWords();
  const [text, setText] = useState("");
  const reasons = reasonsOf(t, of);
  if (!reasons.length) return null;
  return (
    <Card title={<h2>{t("receivables:reason.check")}</h2>}>
      <div className="stack">
        <p>{t("receivables:reason.local")}</p>
        <OnChain of={reasons} />
        <Field label={t("receivables:reason.text")}>
          <textarea rows={3} value={text} onChange={({ target }) => setText(target.value)} />
        </Field>
        {text.trim() !== "" && (
          <Verdict of={[digestsOfReason(text)]} onChain={reasons} otherwise={t("receivables:reason.different")} />
        )}
      </div>
    </Card>
  );
}

function OnChain({ of }: { of: readonly Named[] }) {
  return <Figures of={of.map(({ what, at, hash }) => [titleOf(what, at), <Copyable text={hash} />])} />;
}

const titleOf = (what: string, at: string | null) => (at ? `${what} · ${time(at)}` : what);

const ALGORITHMS = { sha256: "SHA-256", keccak256: "Keccak-256" };

interface VerdictProps {
  of: readonly Digests[];
  onChain: readonly Named[];
  /** What to say when it is none of them. */
  otherwise: string;
}

function Verdict({ of, onChain, otherwise }: VerdictProps) {
  const t = useWords();
  const [same] = onChain.flatMap(({ what, hash }) => {
    const algorithm = matched(of, hash);
    return algorithm ? [t("receivables:same", { what, algorithm: ALGORITHMS[algorithm] })] : [];
  });
  return <Alert type={same ? "success" : "error"} showIcon role="status" title={same ?? otherwise} />;
}
