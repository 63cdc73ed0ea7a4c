/** Links to leases and machines, and a lease's state as a mark. */

import { Link } from "@tanstack/react-router";
import { Tag } from "antd";
import { useTranslation } from "react-i18next";
import type { Lease } from "../../api/schema";

export function LeaseLink({ lease }: { lease: number | null }) {
  const { t } = useTranslation("leases");
  if (!lease) return <span className="muted">–</span>;
  return <Link to={`/leases/${lease}` as string}>{t("lease", { lease })}</Link>;
}

export function MachineLink({ machine }: { machine: number }) {
  const { t } = useTranslation("leases");
  return <Link to={`/leases/machines/${machine}` as string}>{t("machine", { machine })}</Link>;
}

export type LeaseStatus = Lease["status"];

const COLOURS: Partial<Record<LeaseStatus, string>> = {
  Active: "success",
  Overdue: "warning",
  Defaulted: "error",
  Accelerated: "error",
  Rescinded: "error",
};

export function LeaseTag({ status, disputed }: { status: LeaseStatus; disputed: boolean }) {
  const { t } = useTranslation("leases");
  return (
    <>
      <Tag color={COLOURS[status] ?? "default"}>{t(`status.${status}`)}</Tag>
      {disputed && <Tag color="warning">{t("disputed")}</Tag>}
    </>
  );
}
