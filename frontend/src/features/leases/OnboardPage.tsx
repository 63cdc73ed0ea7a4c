/** A manufacturer's machine: title, device, broker; and what the bank does for it. */

import { Alert } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "../../api/me";
import { usePages } from "../../api/pages";
import { useApi } from "../../api/query";
import { useWallet } from "../../chain/reader";
import { Choice } from "../../ui/Choice";
import { Page } from "../../ui/Page";
import { Shown } from "../../ui/Shown";
import { BindDevice } from "./BindDevice";
import { BrokerAccess } from "./BrokerAccess";
import { LeaseNav } from "./LeaseNav";
import { MachineTitle } from "./MachineTitle";
import { RegisterMachine } from "./RegisterMachine";
import { StepForm } from "./StepForm";
import { titleSteps } from "./titleSteps";

export default function OnboardPage() {
  const { t } = useTranslation("leases");
  const me = useMe();
  const mine = me?.party && me.offices.length === 0 ? me.party : undefined;
  const machines = usePages("/v1/machines", { party: mine }, { whole: true });
  const [chosen, setChosen] = useState("");
  const isMaker = !!me?.roles.includes("manufacturer");
  return (
    <Page title={t("nav.onboard")}>
      <LeaseNav />
      <p>{t("onboard.intro")}</p>
      {me && !isMaker && me.offices.length === 0 && <Alert type="info" showIcon title={t("onboard.makersOnly")} />}
      {!me?.offices.length && (
        <>
          <h2>{t("onboard.register")}</h2>
          <RegisterMachine />
        </>
      )}
      <h2>{t("onboard.machine")}</h2>
      <Shown of={machines} empty={({ length }) => length === 0} whenEmpty={<p>{t("fleet.none")}</p>}>
        {(rows) => (
          <>
            <Choice
              label={t("onboard.machine")}
              value={chosen}
              choose={setChosen}
              of={[
                ["", t("onboard.choose")],
                ...rows.map(({ machine }) => [String(machine), t("machine", { machine })] as const),
              ]}
            />
            {chosen && <OneMachine key={chosen} number={Number(chosen)} />}
          </>
        )}
      </Shown>
    </Page>
  );
}

function OneMachine({ number }: { number: number }) {
  const { t } = useTranslation("leases");
  const me = useMe();
  const { account } = useWallet();
  const machine = useApi("/v1/machines/{machine}", { machine: number });
  return (
    <Shown of={machine}>
      {(found) => (
        <div className="stack">
          <MachineTitle machine={found} />
          <div className="grid wide">
            {titleSteps(found, me, account, t).map((step) => (
              <StepForm key={step.name} step={step} />
            ))}
            <BindDevice key={found.epoch} machine={found} />
            <BrokerAccess machine={found} />
          </div>
        </div>
      )}
    </Shown>
  );
}
