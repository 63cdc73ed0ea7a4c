/** Decisions that wait for an office: held scores, models, machines, registrations, disputes. */

import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Hex } from "viem";
import { usePages } from "../../../api/pages";
import { useApi, useEach } from "../../../api/query";
import type { Machine, Model, PartyDetail, Receivable } from "../../../api/schema";
import { type Call, call } from "../../../chain/call";
import { Money } from "../../../ui/Money";
import { Shown } from "../../../ui/Shown";
import { fenOf } from "../../../ui/format";
import { Copyable, PartyLink } from "../../../ui/links";
import { Section } from "../BankPage";
import { Rest } from "../Rest";
import { FileHash } from "../../../ui/FileHash";
import { DocumentDuty } from "../duties/DocumentDuty";
import { DutyButton } from "../duties/DutyButton";
import { TextDuty } from "../duties/TextDuty";
import { useDuty, useOffice } from "../duties/useDuty";

const MOST_MODELS = 65_535;

export function ScoreHolds() {
  const { t } = useTranslation("bank");
  const changes = usePages("/v1/audit/changes", { matter: "score_hold" }, { whole: true });
  return (
    <Section title={t("review.holds")} about={t("review.holdsWhy")}>
      <Shown of={changes}>
        {(rows) => {
          // The newest change of each party says whether it is held.
          const newest = [...new Map(rows.toReversed().map((one) => [one.subject, one])).values()];
          const held = newest.filter(({ event }) => event !== "HoldReleased").map(({ subject }) => Number(subject));
          return held.length ? held.map((party) => <Held key={party} party={party} />) : <None />;
        }}
      </Shown>
    </Section>
  );
}

function Held({ party }: { party: number }) {
  const { t } = useTranslation(["bank", "common"]);
  const score = useApi("/v1/parties/{party}/score", { party });
  return (
    <Shown of={score}>
      {({ value, proposal, held }) =>
        held && (
          <div className="tile stack">
            <p>
              <Link to={`/bank/customers/${party}` as string}>{t("common:party", { party })}</Link> ·{" "}
              {proposal ? t("review.proposal", { from: value, to: proposal.value }) : t("review.heldByHand", { value })}
            </p>
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
                label={t("customer.releaseKeeping", { value })}
                call={() => call("CreditOracle", "release", [party, 0])}
              />
            </div>
          </div>
        )
      }
    </Shown>
  );
}

export function Models() {
  const { t } = useTranslation("bank");
  const models = useApi("/v1/models");
  return (
    <Section title={t("review.models")} about={t("review.modelsWhy")}>
      <Shown of={models}>
        {({ items }) => (
          <ul className="plain-list">
            {items.map((model) => (
              <OneModel key={model.model} of={model} />
            ))}
          </ul>
        )}
      </Shown>
      <RegisterModel />
    </Section>
  );
}

function OneModel({ of: { model, hash, approvedAt, retiredAt } }: { of: Model }) {
  const { t } = useTranslation("bank");
  return (
    <li className="row">
      <strong>{t("review.model", { model })}</strong>
      <Copyable text={hash} />
      <span>{t(retiredAt ? "review.retired" : approvedAt ? "review.approved" : "review.unapproved")}</span>
      {!approvedAt && !retiredAt && (
        // The second pair of eyes brings its own copy: another one is refused by the contract.
        <DocumentDuty
          office="risk_officer"
          document={t("review.manifest")}
          button={t("calls.approveModel.name")}
          danger={false}
          call={(manifest) => call("CreditOracle", "approveModel", [model, manifest])}
        />
      )}
      {approvedAt && !retiredAt && (
        <DutyButton office="risk_officer" danger call={() => call("CreditOracle", "retireModel", [model])} />
      )}
    </li>
  );
}

function RegisterModel() {
  const { t } = useTranslation("bank");
  const [typed, setTyped] = useState("");
  const model = /^[1-9]\d{0,4}$/.test(typed) && Number(typed) <= MOST_MODELS ? Number(typed) : undefined;
  return (
    <div className="tile stack">
      <h3>{t("calls.registerModel.name")}</h3>
      <label className="row">
        {t("fields.modelId")}
        <input
          className="input short"
          inputMode="numeric"
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
        />
      </label>
      <DocumentDuty
        office="risk_manager"
        document={t("review.manifest")}
        button={t("policy.propose")}
        danger={false}
        ready={model !== undefined}
        call={(manifest) => call("CreditOracle", "registerModel", [model!, manifest])}
      />
    </div>
  );
}

export function Machines() {
  const { t } = useTranslation("bank");
  const machines = usePages("/v1/machines");
  return (
    <Section title={t("review.machines")} about={t("review.machinesWhy")}>
      <Shown of={machines}>
        {(rows) => {
          const open = rows.filter(({ verifiedAt, held }) => !verifiedAt || held);
          return (
            <>
              {open.length > 0 && (
                <ul className="plain-list">
                  {open.map((machine) => (
                    <OpenMachine key={machine.machine} of={machine} />
                  ))}
                </ul>
              )}
              <Rest of={machines} looked={rows.length} none={open.length ? undefined : t("review.nothing")} />
            </>
          );
        }}
      </Shown>
    </Section>
  );
}

/** By debtor: whether its claims have to be registered stands in its facility. */
export function Registrations() {
  const { t } = useTranslation("bank");
  const found = usePages("/v1/receivables", { state: "Confirmed" }, { whole: true });
  return (
    <Section title={t("review.registrations")} about={t("review.registrationsWhy")}>
      <Shown of={found}>
        {(claims) => <ToRegister claims={claims.filter(({ registryReference }) => !registryReference)} />}
      </Shown>
    </Section>
  );
}

function ToRegister({ claims }: { claims: readonly Receivable[] }) {
  const { t } = useTranslation("bank");
  const debtors = [...new Set(claims.map(({ debtor }) => debtor))];
  const parties = useEach(
    "/v1/parties/{party}",
    debtors.map((party) => ({ party })),
  );
  const mustRegister = (found: readonly PartyDetail[], debtor: number) =>
    found.some(({ party, facility }) => party === debtor && facility?.registrationRequired);
  return (
    <Shown of={parties}>
      {(found) => {
        const open = claims.filter(({ debtor }) => mustRegister(found, debtor));
        if (open.length === 0) return <None />;
        return open.map(({ id, debtor, face }) => (
          <div key={id} className="tile stack">
            <p>
              <Link to={`/receivables/${id}` as string}>{t("review.receivable", { id })}</Link> ·{" "}
              <PartyLink party={debtor} /> · <Money fen={face} />
            </p>
            <TextDuty
              office="risk_officer"
              field="registryReference"
              button={t("calls.recordRegistration.name")}
              call={(number) => call("Factoring", "recordRegistration", [BigInt(id), number])}
            />
          </div>
        ));
      }}
    </Shown>
  );
}

function OpenMachine({ of: { machine, maker, certificateHash, verifiedAt, held } }: { of: Machine }) {
  const { t } = useTranslation("bank");
  return (
    <li className="row">
      <Link to={`/leases/machines/${machine}` as string}>{t("review.machine", { machine })}</Link>
      <PartyLink party={maker} />
      {!verifiedAt && (
        <>
          <Copyable text={certificateHash} />
          <DutyButton
            office="risk_officer"
            call={() => call("Equipment", "verify", [BigInt(machine), certificateHash as Hex])}
          />
        </>
      )}
      {held && <DutyButton office="risk_manager" call={() => call("DeviceOracle", "release", [machine])} />}
    </li>
  );
}

export function Disputes() {
  const { t } = useTranslation("bank");
  const receivables = usePages("/v1/receivables", { state: "Disputed" });
  const leases = usePages("/v1/leases");
  return (
    <Section title={t("review.disputes")} about={t("review.disputesWhy")}>
      <Shown of={receivables}>
        {(rows) => (
          <>
            {rows.map(({ id, outstanding, debtor }) => (
              <Dispute
                key={id}
                resolve={(credit, document) => call("Receivables", "resolveDispute", [BigInt(id), credit, document])}
              >
                <Link to={`/receivables/${id}` as string}>{t("review.receivable", { id })}</Link> ·{" "}
                <PartyLink party={debtor} /> · <Money fen={outstanding} />
              </Dispute>
            ))}
            <Rest
              of={receivables}
              looked={rows.length}
              none={rows.length ? undefined : t("review.noReceivableDisputes")}
            />
          </>
        )}
      </Shown>
      <Shown of={leases}>
        {(rows) => {
          const disputed = rows.filter((one) => one.disputed);
          return (
            <>
              {disputed.map(({ lease, lessee, overdue }) => (
                <Dispute
                  key={lease}
                  resolve={(credit, document) =>
                    call("EquipmentLease", "resolveDispute", [BigInt(lease), credit, document])
                  }
                >
                  <Link to={`/leases/${lease}` as string}>{t("review.lease", { lease })}</Link> ·{" "}
                  <PartyLink party={lessee} /> · <Money fen={overdue} />
                </Dispute>
              ))}
              <Rest of={leases} looked={rows.length} none={disputed.length ? undefined : t("review.noLeaseDisputes")} />
            </>
          );
        }}
      </Shown>
    </Section>
  );
}

interface DisputeProps {
  resolve: (credit: bigint, document: Hex) => Call;
  children: ReactNode;
}

/** As a court or arbiter decided: what is taken off, and the hash of the decision. */
function Dispute({ resolve, children }: DisputeProps) {
  const { t } = useTranslation("bank");
  const duty = useDuty();
  const mine = useOffice("compliance");
  const [typed, setTyped] = useState("0");
  const [document, setDocument] = useState<Hex>();
  const credit = fenOf(typed);
  return (
    <div className="tile stack">
      <p>{children}</p>
      <div className="row">
        <label className="row">
          {t("fields.credit")}
          <input className="input" value={typed} onChange={({ target }) => setTyped(target.value)} />
          <span className="muted">{t("units.yuan")}</span>
        </label>
        <FileHash label={t("review.decision")} hash={document} give={setDocument} />
        <Button
          disabled={!mine || credit === undefined || !document}
          title={mine ? undefined : t("duty.whose", { office: t("offices.compliance") })}
          onClick={() => duty(resolve(credit!, document!))}
        >
          {t("calls.resolveDispute.name")}
        </Button>
      </div>
    </div>
  );
}

function None() {
  const { t } = useTranslation("bank");
  return <p className="muted">{t("review.nothing")}</p>;
}
