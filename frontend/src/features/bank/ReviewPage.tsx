/** Four eyes: what waits for a second officer, a delay, or a decision. */

import { useTranslation } from "react-i18next";
import { BankPage } from "./BankPage";
import { Operations } from "./review/Operations";
import { Disputes, Machines, Models, Registrations, ScoreHolds } from "./review/Decisions";

export default function ReviewPage() {
  const { t } = useTranslation("bank");
  return (
    <BankPage title={t("review.title")}>
      <p>{t("review.about")}</p>
      <Operations />
      <ScoreHolds />
      <Models />
      <Machines />
      <Registrations />
      <Disputes />
    </BankPage>
  );
}
