/** A party as anybody may see it: what the chain tells of it. */

import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useApi } from "../../api/query";
import { Page } from "../../ui/Page";
import { useNumber } from "../../ui/routes";
import { Known } from "./Known";
import { Business } from "./customer/Business";
import { PartyFacts } from "./customer/PartyFacts";
import { Scores } from "./customer/Scores";

export default function PartyPage() {
  const { t } = useTranslation(["bank", "common"]);
  const party = useNumber("party");
  const found = useApi("/v1/parties/{party}", { party }, party > 0);
  return (
    <Page
      title={t("common:party", { party })}
      actions={<Link to={`/bank/customers/${party}` as string}>{t("customer.bankView")}</Link>}
    >
      {party > 0 ? (
        <Known of={found} none={t("customer.unknown", { party })}>
          {(detail) => (
            <>
              <PartyFacts of={detail} />
              <Scores party={party} />
              <Business party={party} />
            </>
          )}
        </Known>
      ) : (
        <p>{t("customer.notANumber")}</p>
      )}
    </Page>
  );
}
