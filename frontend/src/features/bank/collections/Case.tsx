/** Loans that are not paid: what is owed on each, what happens next, and the steps that may be taken. */

import { Button } from "antd";
import type { PropsWithChildren, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Pages } from "../../../api/pages";
import type { Financing } from "../../../api/schema";
import type { Call } from "../../../chain/call";
import { type Figure, Figures } from "../../../ui/Figures";
import { type Asked, Shown } from "../../../ui/Shown";
import { dateOfDay } from "../../../ui/format";
import { Rest } from "../Rest";
import { type Stakes, useDuty } from "../duties/useDuty";
import { useWords } from "../duties/words";
import type { NextStep } from "./steps";

interface CasesProps<Loan> {
  of: Asked<readonly Loan[]> & Pages;
  /** Undefined for a loan that is in order. */
  next: (loan: Loan) => NextStep | undefined;
  children: (loan: Loan, next: NextStep) => ReactNode;
}

/** Of the loans that were asked for, those that are not paid. */
export function Cases<Loan>({ of, next, children }: CasesProps<Loan>) {
  const { t } = useTranslation("bank");
  return (
    <Shown of={of}>
      {(loans) => {
        const cases = loans.flatMap((one) => {
          const step = next(one);
          return step ? [children(one, step)] : [];
        });
        return (
          <>
            {cases}
            <Rest of={of} looked={loans.length} none={cases.length ? undefined : t("collections.none")} />
          </>
        );
      }}
    </Shown>
  );
}

interface Props {
  title: PropsWithChildren["children"];
  figures: readonly Figure[];
  /** The loan, for the notice that was given of it. */
  of: Pick<Financing, "notice" | "cureThrough">;
  next: NextStep;
  today: number;
}

export function Case({ title, figures, of: { notice, cureThrough }, next, today, children }: PropsWithChildren<Props>) {
  const { t } = useTranslation("bank");
  const when = useWhen(next, today);
  const given: Figure[] =
    notice && cureThrough
      ? [
          [
            t("collections.noticeDay"),
            dateOfDay(notice.day),
            t("collections.cureThrough", { day: dateOfDay(cureThrough.day) }),
          ],
        ]
      : [];
  return (
    <article className="tile stack">
      <h3>{title}</h3>
      <Figures of={[...figures, ...given]} />
      <p>
        <strong>{t("collections.next")}: </strong>
        {t(`collections.steps.${next.step}`)} · {when}
      </p>
      <div className="row">{children}</div>
    </article>
  );
}

/** From which day a step is possible. */
export function useWhen(next: NextStep, today: number): string {
  const { t } = useTranslation("bank");
  const days = next.day - today;
  return days > 0
    ? t("collections.from", { day: dateOfDay(next.day), days })
    : t("collections.since", { day: dateOfDay(next.day) });
}

interface AnyoneProps {
  call: () => Call;
  label?: string;
  stakes?: Stakes;
}

/** A step that anybody may take, such as marking what the calendar says. */
export function AnyoneStep({ call, label, stakes }: AnyoneProps) {
  const { t } = useTranslation("bank");
  const words = useWords();
  const duty = useDuty();
  const made = call();
  return (
    <Button size="small" title={t("collections.anyone")} onClick={() => duty(made, { stakes })}>
      {label ?? words.name(made.contract, made.functionName)}
    </Button>
  );
}
