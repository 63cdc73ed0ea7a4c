/** The machine's title: who holds it, what binds it, which devices have spoken for it, and when it was to stand still. */

import { useTranslation } from "react-i18next";
import type { Binding, MachineDetail, Standstill } from "../../api/schema";
import { Figures } from "../../ui/Figures";
import { Recover } from "../../ui/Recover";
import { type Column, Table } from "../../ui/Table";
import { time } from "../../ui/format";
import { AddressLink, Copyable, PartyLink } from "../../ui/links";
import { LeaseLink } from "./links";
import { hoursOfHundredths } from "./meter";

export function MachineTitle({ machine }: { machine: MachineDetail }) {
  const { t } = useTranslation("leases");
  const devices: Column<Binding>[] = [
    { title: t("machineTitle.epoch"), show: ({ epoch }) => epoch, plain: ({ epoch }) => epoch, numeric: true },
    {
      title: t("machineTitle.device"),
      show: ({ device }) => <AddressLink address={device} />,
      plain: ({ device }) => device,
    },
    {
      title: t("machineTitle.meterStart"),
      show: ({ meterStart }) => hoursOfHundredths(meterStart),
      plain: ({ meterStart }) => hoursOfHundredths(meterStart),
      numeric: true,
    },
    { title: t("machineTitle.boundAt"), show: ({ at }) => (at ? time(at) : "–"), plain: ({ at }) => at ?? "" },
  ];
  const pauses: Column<Standstill>[] = [
    { title: t("machineTitle.kind"), show: ({ kind }) => t(`machineTitle.${kind}`) },
    { title: t("column.lease"), show: ({ lease }) => <LeaseLink lease={lease} /> },
    { title: t("machineTitle.from"), show: ({ startsAt }) => (startsAt ? time(startsAt) : "–") },
    { title: t("machineTitle.to"), show: ({ endsAt }) => (endsAt ? time(endsAt) : t("machineTitle.lasts")) },
  ];
  return (
    <div className="stack">
      <Recover
        of="Equipment"
        id={machine.machine}
        holder={machine.holderWallet}
        title={t("machineTitle.recover", { machine: machine.machine })}
        moved={async () => ({
          label: t("column.machine"),
          value: String(machine.machine),
          why: t("machineTitle.recoverWhy"),
        })}
      />
      <Figures
        of={[
          [t("column.holder"), <PartyLink key="holder" party={machine.holder} />],
          [t("machineTitle.maker"), <PartyLink key="maker" party={machine.maker} />],
          [
            t("machineTitle.user"),
            machine.user ? <AddressLink key="user" address={machine.user} /> : "–",
            machine.userExpires ? t("machineTitle.userUntil", { at: time(machine.userExpires) }) : undefined,
          ],
          [
            t("machineTitle.lien"),
            machine.lienor ? <AddressLink key="lien" address={machine.lienor} /> : t("machineTitle.noLien"),
            t("machineTitle.lienWhy"),
          ],
          [t("machineTitle.financed"), t(machine.financed ? "machineTitle.bankFinances" : "machineTitle.notFinanced")],
          [t("machineTitle.certificate"), <Copyable key="certificate" text={machine.certificateHash} />],
          [t("machineTitle.verified"), machine.verifiedAt ? time(machine.verifiedAt) : t("gate.unverified")],
          [t("machineTitle.serial"), <Copyable key="serial" text={machine.serialHash} />, t("machineTitle.serialWhy")],
          [t("machineTitle.registeredAt"), machine.registeredAt ? time(machine.registeredAt) : "–"],
        ]}
      />
      <h2>{t("machineTitle.devices")}</h2>
      <Table
        label={t("machineTitle.devices")}
        columns={devices}
        rows={machine.bindings}
        rowKey={({ epoch }) => epoch}
      />
      {machine.standstills.length > 0 && (
        <>
          <h2>{t("machineTitle.standstills")}</h2>
          <Table
            label={t("machineTitle.standstills")}
            columns={pauses}
            rows={machine.standstills}
            rowKey={({ kind, startsAt }) => `${kind}-${startsAt}`}
          />
        </>
      )}
    </div>
  );
}
