/** The bank's offices act through the one dialog. */

import type { Address } from "viem";
import { useTranslation } from "react-i18next";
import { type Office, useMe } from "../../../api/me";
import type { Call } from "../../../chain/call";
import { useAct } from "../../../ui/Actions";
import { cancelOf, planOf } from "./plan";
import { useWords } from "./words";

/** `duty(call)` opens the dialog: at once, or to schedule, or to execute what was scheduled, as the chain has it. */
export function useDuty() {
  const act = useAct();
  const words = useWords();
  return (duty: Call, done?: () => void) =>
    act({
      title: words.name(duty.contract, duty.functionName),
      prepare: (reader, account) => planOf(reader, account, duty, words),
      ...(done ? { done } : {}),
    });
}

/** Takes back what `caller` scheduled. */
export function useCancel() {
  const act = useAct();
  const words = useWords();
  const { t } = useTranslation("bank");
  return (caller: Address, duty: Call) =>
    act({
      title: t("duty.cancelTitle", { call: words.name(duty.contract, duty.functionName) }),
      prepare: (reader) => cancelOf(reader, caller, duty, words),
    });
}

/** Whether the connected wallet holds an office, for what it is shown first; the chain decides. */
export function useOffice(office: Office): boolean {
  return useMe()?.offices.includes(office) ?? false;
}
