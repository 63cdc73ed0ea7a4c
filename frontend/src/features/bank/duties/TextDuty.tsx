/** A freeze and its reason, which stands on chain as text of at most thirty-one bytes. */

import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Hex, stringToHex } from "viem";
import type { Office } from "../../../api/me";
import type { Call } from "../../../chain/call";
import { useDuty, useOffice } from "../duties/useDuty";

const MOST_BYTES = 31;

interface Props {
  office: Office;
  button: string;
  call: (reason: Hex) => Call;
}

export function ReasonForm({ office, button, call }: Props) {
  const { t } = useTranslation("bank");
  const [typed, setTyped] = useState("");
  const reason = typed.trim();
  const bytes = new TextEncoder().encode(reason).length;
  const duty = useDuty();
  const mine = useOffice(office);
  return (
    <form className="row" aria-label={button} onSubmit={(event) => event.preventDefault()}>
      <label className="row">
        {t("fields.reason")}
        <input className="input" value={typed} onChange={({ target }) => setTyped(target.value)} />
      </label>
      <Button
        danger
        disabled={!mine || bytes === 0 || bytes > MOST_BYTES}
        title={mine ? undefined : t("duty.whose", { office: t(`offices.${office}`) })}
        onClick={() => duty(call(stringToHex(reason, { size: 32 })))}
      >
        {button}
      </Button>
      <span className="muted">{t("customer.reasonLength", { most: MOST_BYTES, now: bytes })}</span>
    </form>
  );
}
