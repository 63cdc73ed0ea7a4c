/** Whether a document is the one that was named on chain. */

import { Link } from "@tanstack/react-router";
import { Alert } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "../../api/query";
import { hashOfFile } from "../../ui/FileHash";
import { FileInput } from "../../ui/FileInput";
import { Shown } from "../../ui/Shown";
import { Copyable } from "../../ui/links";
import { Frame } from "./Frame";

export default function Verify() {
  const { t } = useTranslation("audit");
  const [hash, setHash] = useState<string>();
  const choose = async (file: File | undefined) => {
    if (file) setHash(await hashOfFile(file));
  };
  return (
    <Frame title={t("verify.title")}>
      <p>{t("verify.intro")}</p>
      <FileInput label={t("verify.file")} choose={([file]) => void choose(file)} />
      {hash && <Found hash={hash} />}
    </Frame>
  );
}

function Found({ hash }: { hash: string }) {
  const { t } = useTranslation(["audit", "explorer"]);
  const found = useApi("/v1/search", { q: hash });
  return (
    <>
      <div className="row">
        {t("audit:verify.hash")} <Copyable text={hash} />
      </div>
      <Shown
        of={found}
        empty={({ items }) => items.length === 0}
        whenEmpty={<Alert type="warning" showIcon title={t("audit:verify.none")} />}
      >
        {({ items }) => (
          <Alert
            type="success"
            showIcon
            title={t("audit:verify.found")}
            description={
              <ul>
                {items.map(({ kind, id, belongsTo }) => (
                  <li key={`${kind} ${id} ${belongsTo}`}>
                    {t(`explorer:kinds.${kind}`)}{" "}
                    {belongsTo && <Link to={`/audit/receivables/${belongsTo}` as string}>{belongsTo}</Link>}
                  </li>
                ))}
              </ul>
            }
          />
        )}
      </Shown>
    </>
  );
}
