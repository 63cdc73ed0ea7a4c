/** Rows of figures, with an export of all that is shown. */

import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { download, csvOf } from "./csv";

export interface Column<Row> {
  title: string;
  show: (row: Row) => ReactNode;
  /** What the export says in this column; columns without it are not exported. */
  plain?: (row: Row) => string | number;
  /** Figures stand to the right. */
  numeric?: boolean;
}

interface Props<Row> {
  /** What the table is about, for those who hear it. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  /** Name of the exported file, without ending; none, no export. */
  file?: string;
}

export function Table<Row>({ label, columns, rows, rowKey, file }: Props<Row>) {
  const { t } = useTranslation();
  const exported = columns.filter(({ plain }) => plain);
  const save = () =>
    download(
      `${file}.csv`,
      csvOf([exported.map(({ title }) => title), ...rows.map((row) => exported.map(({ plain }) => plain!(row)))]),
    );
  return (
    <div className="stack">
      <div className="scroll" tabIndex={0} role="region" aria-label={label}>
        <table className="plain">
          <thead>
            <tr>
              {columns.map(({ title, numeric }) => (
                <th key={title} scope="col" className={numeric ? "num" : undefined}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={rowKey(row)}>
                {columns.map(({ title, show, numeric }) => (
                  <td key={title} className={numeric ? "num" : undefined}>
                    {show(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {file && rows.length > 0 && (
        <div className="no-print">
          <Button size="small" onClick={save}>
            {t("table.csv")}
          </Button>
        </div>
      )}
    </div>
  );
}
