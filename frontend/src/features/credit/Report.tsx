/** What the service found in a file. */

import { useTranslation } from "react-i18next";
import type { RowFault, UploadReport } from "../../api/schema";
import { useInLanguage } from "../../text";
import { Figures } from "../../ui/Figures";
import { Table } from "../../ui/Table";
import { grouped } from "../../ui/format";
import type { Fault } from "./rows";

export function Report({ of }: { of: UploadReport }) {
  const { t } = useTranslation("credit");
  const inLanguage = useInLanguage();
  return (
    <>
      <Figures
        of={[
          [t("report.rows"), grouped(of.rows)],
          [t("report.stored"), grouped(of.stored)],
          [t("report.duplicates"), grouped(of.duplicates), t("report.duplicatesWhy")],
          [t("report.expired"), grouped(of.expired), t("report.expiredWhy")],
          [t("report.refused"), grouped(of.refused)],
        ]}
      />
      {of.notes.map((note) => (
        <p key={note.rule}>
          {t("report.note", { count: note.count, line: note.line, text: inLanguage(note.notices) })}
        </p>
      ))}
      {of.faults.length > 0 && <Faults of={of.faults} />}
    </>
  );
}

/** Found here or by the service. */
export function Faults({ of }: { of: readonly (Fault | RowFault)[] }) {
  const { t } = useTranslation("credit");
  const inLanguage = useInLanguage();
  const rows = of.map((fault, at) => ({ fault, at }));
  return (
    <Table
      label={t("report.faults")}
      rows={rows}
      rowKey={({ at }) => at}
      file="faults"
      columns={[
        { title: t("report.line"), numeric: true, show: ({ fault }) => fault.line, plain: ({ fault }) => fault.line },
        {
          title: t("report.field"),
          show: ({ fault }) => <span className="mono">{fault.field || "–"}</span>,
          plain: ({ fault }) => fault.field,
        },
        {
          title: t("report.why"),
          show: ({ fault }) => inLanguage(fault.notices),
          plain: ({ fault }) => inLanguage(fault.notices),
        },
      ]}
    />
  );
}
