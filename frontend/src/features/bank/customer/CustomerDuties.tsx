/** What the bank's offices may do about a customer. */

import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PartyDetail } from "../../../api/schema";
import { call } from "../../../chain/call";
import { fenOf, plainYuan } from "../../../ui/format";
import { Section } from "../BankPage";
import { DocumentDuty } from "../duties/DocumentDuty";
import { DutyButton } from "../duties/DutyButton";
import { TextDuty } from "../duties/TextDuty";
import { useDuty, useOffice } from "../duties/useDuty";
import { FacilityEditor } from "../policy/editors";
import { useToldLine, useToldScore } from "../../../api/told";

export function CustomerDuties({ of }: { of: PartyDetail }) {
  const { t } = useTranslation("bank");
  return (
    <Section title={t("customer.duties")} about={t("customer.dutiesWhy")}>
      <LimitForm of={of} />
      <div className="halves">
        {of.frozen ? (
          <div className="row">
            <DutyButton office="compliance_release" call={() => call("Participants", "unfreeze", [of.party])} />
          </div>
        ) : (
          <TextDuty
            office="compliance"
            field="reason"
            danger
            button={t("calls.freeze.name")}
            call={(reason) => call("Participants", "freeze", [of.party, reason])}
          />
        )}
        <ScoreDuties party={of.party} />
      </div>
      {of.roles.includes("core_enterprise") && <FacilityEditor debtor={of.party} open={of.facility?.open ?? false} />}
      {of.roles.includes("merchant") && <LineDuties party={of.party} />}
    </Section>
  );
}

function LimitForm({ of }: { of: PartyDetail }) {
  const { t } = useTranslation("bank");
  const [typed, setTyped] = useState(plainYuan(BigInt(of.exposure.limit)));
  const duty = useDuty();
  const manager = useOffice("risk_manager");
  const officer = useOffice("risk_officer");
  const limit = fenOf(typed);
  const present = BigInt(of.exposure.limit);
  const whose = (office: "risk_manager" | "risk_officer") => t("duty.whose", { office: t(`offices.${office}`) });
  return (
    <form className="row" onSubmit={(event) => event.preventDefault()}>
      <label className="row">
        {t("fields.limit")}
        <input className="input" value={typed} inputMode="decimal" onChange={({ target }) => setTyped(target.value)} />
        <span className="muted">{t("units.yuan")}</span>
      </label>
      <Button
        disabled={limit === undefined || limit === present || !manager}
        title={manager ? undefined : whose("risk_manager")}
        onClick={() => duty(call("Treasury", "setLimit", [of.party, limit!]))}
      >
        {t("calls.setLimit.name")}
      </Button>
      <Button
        disabled={limit === undefined || limit >= present || !officer}
        title={officer ? undefined : whose("risk_officer")}
        onClick={() => duty(call("Treasury", "cutLimit", [of.party, limit!]))}
      >
        {t("calls.cutLimit.name")}
      </Button>
      {limit === undefined && <span role="alert">{t("form.invalid")}</span>}
    </form>
  );
}

function ScoreDuties({ party }: { party: number }) {
  const { t } = useTranslation("bank");
  const { score } = useToldScore(party);
  if (!score.data) return null;
  const { held, proposal } = score.data;
  if (!held)
    return (
      <div className="row">
        <DutyButton
          office="guardian"
          danger
          label={t("customer.hold")}
          call={() => call("CreditOracle", "hold", [party])}
        />
      </div>
    );
  return (
    <div className="row">
      {proposal && (
        <DutyButton
          office="risk_manager"
          label={t("customer.releaseTaking", { value: proposal.value })}
          call={() => call("CreditOracle", "release", [party, proposal.sequence])}
        />
      )}
      <DutyButton
        office="risk_manager"
        label={t("customer.releaseKeeping", { value: score.data.value })}
        call={() => call("CreditOracle", "release", [party, 0])}
      />
    </div>
  );
}

function LineDuties({ party }: { party: number }) {
  const { t } = useTranslation("bank");
  const { line } = useToldLine(party);
  if (!line.data) return null;
  return (
    <div className="row">
      {line.data.frozen ? (
        <DutyButton
          office="risk_manager"
          label={t("customer.unfreezeLine")}
          call={() => call("CreditLine", "unfreeze", [party])}
        />
      ) : (
        <DocumentDuty
          office="risk_officer"
          document={t("customer.memo")}
          button={t("customer.freezeLine")}
          call={(memo) => call("CreditLine", "freeze", [party, memo])}
        />
      )}
    </div>
  );
}
