/** A customer as the bank sees it, with what its offices may do about it. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useApi } from "../../api/query";
import { useNumber } from "../../ui/routes";
import { BankPage } from "./BankPage";
import { Known } from "./Known";
import { Business } from "./customer/Business";
import { CustomerDuties } from "./customer/CustomerDuties";
import { PartyFacts } from "./customer/PartyFacts";
import { Scores } from "./customer/Scores";

export default function CustomerPage() {
  const { t } = useTranslation(["bank", "common"]);
  const party = useNumber("party");
  const found = useApi("/v1/parties/{party}", { party }, party > 0);
  return (
    <BankPage
      title={t("customer.title", { party })}
      actions={<Link to={"/bank/customers" as string}>{t("customer.all")}</Link>}
    >
      {party > 0 ? (
        <Known of={found} none={t("customer.unknown", { party })}>
          {(detail) => (
            <>
              <PartyFacts of={detail} />
              <CustomerDuties of={detail} />
              <Scores party={party} />
              <Business party={party} />
            </>
          )}
        </Known>
      ) : (
        <p>{t("customer.notANumber")}</p>
      )}
    </BankPage>
  );
}
