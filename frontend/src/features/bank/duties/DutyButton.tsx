/** A step that one of the bank's offices may take; others see whose it is. */

import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Office } from "../../../api/me";
import type { Call } from "../../../chain/call";
import { type Stakes, useDuty, useOffice } from "./useDuty";
import { useWords } from "./words";

interface Props {
  office: Office;
  /** Made when somebody presses. */
  call: () => Call;
  label?: string;
  danger?: boolean;
  stakes?: Stakes;
  /** Why it cannot be done yet. */
  waits?: string | undefined;
}

export function DutyButton({ office, call, label, danger, stakes, waits }: Props) {
  const { t } = useTranslation("bank");
  const words = useWords();
  const duty = useDuty();
  const mine = useOffice(office);
  const made = call();
  return (
    <Button
      size="small"
      danger={danger ?? false}
      disabled={!mine || waits !== undefined}
      title={mine ? waits : t("duty.whose", { office: t(`offices.${office}`) })}
      onClick={() => duty(made, { stakes })}
    >
      {label ?? words.name(made.contract, made.functionName)}
    </Button>
  );
}
