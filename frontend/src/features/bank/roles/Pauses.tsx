/** The emergency stop, contract by contract: it stops money going out, never money coming in. */

import { useTranslation } from "react-i18next";
import { usePages } from "../../../api/pages";
import type { SuiteChange } from "../../../api/schema";
import { call } from "../../../chain/call";
import { Shown } from "../../../ui/Shown";
import { Table } from "../../../ui/Table";
import { time } from "../../../ui/format";
import { Section } from "../BankPage";
import { DutyButton } from "../duties/DutyButton";

const MONEY = ["Treasury", "Receivables", "Factoring", "CreditLine", "LeaseFinance"] as const;
const REPORTS = ["CreditOracle", "DeviceOracle"] as const;
type Stoppable = (typeof MONEY)[number] | (typeof REPORTS)[number];

export function Pauses() {
  const { t } = useTranslation("bank");
  const changes = usePages("/v1/audit/changes", { matter: "pause" }, { whole: true });
  return (
    <Section title={t("roles.pauses")} about={t("roles.pausesWhy")}>
      <Shown of={changes}>{(rows) => <Switches changes={rows} />}</Shown>
    </Section>
  );
}

function Switches({ changes }: { changes: readonly SuiteChange[] }) {
  const { t } = useTranslation(["bank", "common"]);
  const last = (name: Stoppable) => changes.find(({ contract }) => contract === name);
  const stopped = (name: Stoppable) => /^(Paused|ReportsPaused)$/.test(last(name)?.event ?? "");
  return (
    <Table<Stoppable>
      label={t("roles.pauses")}
      rows={[...MONEY, ...REPORTS]}
      rowKey={(name) => name}
      columns={[
        { title: t("columns.contract"), show: (name) => t(`contracts.${name}`) },
        {
          title: t("columns.state"),
          show: (name) => (
            <>
              <strong>{t(stopped(name) ? "roles.stopped" : "roles.running")}</strong>
              {last(name)?.at && <span className="muted"> {time(last(name)!.at!)}</span>}
            </>
          ),
        },
        { title: t("roles.stops"), show: (name) => t(`stops.${name}`) },
        { title: t("common:table.actions"), show: (name) => <Switch name={name} stopped={stopped(name)} /> },
      ]}
    />
  );
}

function Switch({ name, stopped }: { name: Stoppable; stopped: boolean }) {
  const { t } = useTranslation("bank");
  const label = t(stopped ? "calls.unpause.name" : "calls.pause.name");
  const made = () =>
    name === "CreditOracle" || name === "DeviceOracle"
      ? call(name, stopped ? "resumeReports" : "pauseReports", [])
      : call(name, stopped ? "unpause" : "pause", []);
  return <DutyButton office={stopped ? "admin" : "guardian"} danger={!stopped} label={label} call={made} />;
}
