/** A step with a few words that stand on chain as text of at most thirty-one bytes: a reason, a number. */

import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Hex, stringToHex } from "viem";
import type { Office } from "../../../api/me";
import type { Call } from "../../../chain/call";
import { useDuty, useOffice } from "./useDuty";

const MOST_BYTES = 31;

interface Props {
  office: Office;
  button: string;
  field: "reason" | "registryReference";
  danger?: boolean;
  call: (text: Hex) => Call;
}

export function TextDuty({ office, button, field, danger, call }: Props) {
  const { t } = useTranslation("bank");
  const [typed, setTyped] = useState("");
  const text = typed.trim();
  const bytes = new TextEncoder().encode(text).length;
  const duty = useDuty();
  const mine = useOffice(office);
  return (
    <form className="row" aria-label={button} onSubmit={(event) => event.preventDefault()}>
      <label className="row">
        {t(`fields.${field}`)}
        <input className="input" value={typed} onChange={({ target }) => setTyped(target.value)} />
      </label>
      <Button
        danger={danger ?? false}
        disabled={!mine || bytes === 0 || bytes > MOST_BYTES}
        title={mine ? undefined : t("duty.whose", { office: t(`offices.${office}`) })}
        onClick={() => duty(call(stringToHex(text, { size: 32 })))}
      >
        {button}
      </Button>
      <span className="muted">{t("duty.textLength", { most: MOST_BYTES, now: bytes })}</span>
    </form>
  );
}
