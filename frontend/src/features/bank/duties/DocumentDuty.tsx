/** A step that names a document by its hash: a letter, a decision, a memo. */

import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Hex } from "viem";
import type { Office } from "../../../api/me";
import type { Call } from "../../../chain/call";
import { FileHash } from "../../../ui/FileHash";
import { type Stakes, useDuty, useOffice } from "./useDuty";

interface Props {
  office: Office;
  document: string;
  button: string;
  danger?: boolean;
  /** Whether all the call needs beside the document is there. */
  ready?: boolean;
  call: (document: Hex) => Call;
  stakes?: Stakes;
}

export function DocumentDuty({ office, document, button, danger = true, ready = true, call, stakes }: Props) {
  const { t } = useTranslation("bank");
  const duty = useDuty();
  const mine = useOffice(office);
  const [hash, setHash] = useState<Hex>();
  return (
    <div className="row">
      <FileHash label={document} hash={hash} give={setHash} />
      <Button
        size="small"
        danger={danger}
        disabled={!mine || !ready || !hash}
        title={mine ? undefined : t("duty.whose", { office: t(`offices.${office}`) })}
        onClick={() => hash && duty(call(hash), { stakes, done: () => setHash(undefined) })}
      >
        {button}
      </Button>
    </div>
  );
}
