/** The bank's offices act through the one dialog. */

import type { Address, PublicClient } from "viem";
import { useTranslation } from "react-i18next";
import { type Office, useMe } from "../../../api/me";
import type { Call } from "../../../chain/call";
import type { Effect } from "../../../chain/send";
import { useAct } from "../../../ui/Actions";
import { cancelOf, planOf } from "./plan";
import { useWords } from "./words";

/** What a step does to figures that are not among its arguments. */
export type Stakes = (reader: PublicClient) => Promise<readonly Effect[]>;

interface More {
  stakes?: Stakes | undefined;
  done?: () => void;
}

/** `duty(call)` opens the dialog: at once, or to schedule, or to execute what was scheduled, as the chain has it. */
export function useDuty() {
  const act = useAct();
  const words = useWords();
  return (duty: Call, { stakes, done }: More = {}) =>
    act({
      title: words.name(duty.contract, duty.functionName),
      prepare: async (reader, account) => {
        const [plan, more] = await Promise.all([planOf(reader, account, duty, words), stakes?.(reader)]);
        return { ...plan, effects: [...plan.effects, ...(more ?? [])] };
      },
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
