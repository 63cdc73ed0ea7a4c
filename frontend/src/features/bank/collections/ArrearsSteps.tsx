/** The steps from arrears to a loss, which financings and lines have in common. */

import { useTranslation } from "react-i18next";
import type { Hex } from "viem";
import type { Call } from "../../../chain/call";
import { DocumentDuty } from "../duties/DocumentDuty";
import { DutyButton } from "../duties/DutyButton";
import { AnyoneStep, useWhen } from "./Case";
import { type ReadLoan, stakesOf } from "./stakes";
import type { NextStep } from "./steps";

interface Props {
  next: NextStep;
  today: number;
  loan: ReadLoan;
  mark: () => Call;
  giveNotice: (letter: Hex) => Call;
  declareDefault: () => Call;
  writeOff: () => Call;
}

export function ArrearsSteps({ next, today, loan, mark, giveNotice, declareDefault, writeOff }: Props) {
  const { t } = useTranslation("bank");
  const stakes = stakesOf(t, loan);
  const when = useWhen(next, today);
  switch (next.step) {
    case "markOverdue":
    case "markDelinquent":
      return <AnyoneStep call={mark} stakes={stakes.mark} />;
    case "giveNotice":
      return (
        <DocumentDuty
          office="risk_officer"
          document={t("collections.letter")}
          button={t("calls.giveNotice.name")}
          call={giveNotice}
          stakes={stakes.giveNotice}
        />
      );
    case "declareDefault":
      return (
        <DutyButton
          office="risk_officer"
          danger
          call={declareDefault}
          stakes={stakes.declareDefault}
          waits={next.day > today ? when : undefined}
        />
      );
    case "writeOff":
      return <DutyButton office="risk_officer" danger call={writeOff} stakes={stakes.writeOff} />;
    default:
      return null;
  }
}
