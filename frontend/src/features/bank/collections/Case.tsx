/** One loan that is not paid: what is owed, what happens next, and the steps that may be taken. */

import { Button } from "antd";
import type { PropsWithChildren } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../../chain/call";
import { type Figure, Figures } from "../../../ui/Figures";
import { dateOfDay } from "../../../ui/format";
import { useDuty } from "../duties/useDuty";
import type { NextStep } from "./steps";

interface Props {
  title: PropsWithChildren["children"];
  figures: readonly Figure[];
  next: NextStep;
  today: number;
}

export function Case({ title, figures, next, today, children }: PropsWithChildren<Props>) {
  const { t } = useTranslation("bank");
  const days = next.day - today;
  return (
    <article className="tile stack">
      <h3>{title}</h3>
      <Figures of={figures} />
      <p>
        <strong>{t("collections.next")}: </strong>
        {t(`collections.steps.${next.step}`)} ·{" "}
        {days > 0
          ? t("collections.from", { day: dateOfDay(next.day), days })
          : t("collections.since", { day: dateOfDay(next.day) })}
      </p>
      <div className="row">{children}</div>
    </article>
  );
}

/** A step that anybody may take, such as marking what the calendar says. */
export function AnyoneStep({ call, label }: { call: () => Call; label: string }) {
  const { t } = useTranslation("bank");
  const duty = useDuty();
  return (
    <Button size="small" title={t("collections.anyone")} onClick={() => duty(call())}>
      {label}
    </Button>
  );
}
