/** Who an address is, what it has, and what happened that names it. */

import { useTranslation } from "react-i18next";
import { useApi } from "../../api/query";
import { EventList } from "../../ui/EventList";
import { Figures } from "../../ui/Figures";
import { Money } from "../../ui/Money";
import { Page } from "../../ui/Page";
import { Shown } from "../../ui/Shown";
import { Who } from "../../ui/decoded";
import { Copyable } from "../../ui/links";
import { useText } from "../../ui/routes";

export default function Address() {
  const { t } = useTranslation("explorer");
  const address = useText("address");
  const found = useApi("/v1/explorer/addresses/{address}", { address });
  return (
    <Page title={t("address")}>
      <Shown of={found}>
        {({ kind, who, balances, transactions, items }) => (
          <>
            <Figures
              of={[
                [t("address"), <Copyable key="address" text={address} />],
                [t(`kind.${kind}`), <Who key="who" who={who} />],
                ...balances.map(
                  ({ currency, amount }) =>
                    [`${t("balance")} ${currency.symbol}`, <Money key={currency.token} fen={amount} />] as const,
                ),
                [t("transactions"), transactions],
              ]}
            />
            <h2>{t("history")}</h2>
            {items.length === 0 ? <p>{t("noEvents")}</p> : <EventList of={items} />}
          </>
        )}
      </Shown>
    </Page>
  );
}
