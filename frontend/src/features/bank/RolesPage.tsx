/** Who may do what, what is paused, and who takes part. */

import { useTranslation } from "react-i18next";
import { BankPage } from "./BankPage";
import { Admission } from "./roles/Admission";
import { Admit } from "./roles/Admit";
import { Holders } from "./roles/Holders";
import { Pauses } from "./roles/Pauses";
import { Signers } from "./roles/Signers";

export default function RolesPage() {
  const { t } = useTranslation("bank");
  return (
    <BankPage title={t("roles.title")}>
      <Holders />
      <Pauses />
      <Signers />
      <Admission />
      <Admit />
    </BankPage>
  );
}
