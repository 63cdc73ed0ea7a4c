/** Bringing a file: read and checked here first, then sent. */

import { useMutation } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem, upload } from "../../api/client";
import { queries, useApi } from "../../api/query";
import type { RowSchema } from "../../api/schema";
import { FailureText } from "../../ui/FailureText";
import { FileInput } from "../../ui/FileInput";
import { Table } from "../../ui/Table";
import { Shown } from "../../ui/Shown";
import { download } from "../../ui/csv";
import { grouped } from "../../ui/format";
import { useFailure } from "../../ui/useFailure";
import { Section } from "./Frame";
import { Faults, Report } from "./Report";
import { type Read, type Row, decoded, read } from "./rows";

const FIRST_ROWS = 5;
const FIRST_FAULTS = 200;
const COLUMNS = ["kind", "id", "occurred_at", "amount", "stars", "days", "currency", "count", "buyer"];

interface Chosen {
  file: File;
  json: boolean;
  found: Read;
}

export function UploadForm({ party }: { party: number }) {
  const { t } = useTranslation("credit");
  const schema = useApi("/v1/business-records/schema");
  return (
    <Section title={t("upload.title")}>
      <p>{t("upload.about")}</p>
      <Shown of={schema}>{(found) => <Form party={party} schema={found} />}</Shown>
    </Section>
  );
}

function Form({ party, schema }: { party: number; schema: RowSchema }) {
  const { t } = useTranslation("credit");
  const acceptId = useId();
  const [chosen, setChosen] = useState<Chosen>();
  const [acceptValid, setAcceptValid] = useState(false);
  const send = useMutation({
    mutationFn: async (dryRun: boolean) => {
      const { file, json } = chosen!;
      const accept = acceptValid ? "valid" : "whole";
      const query = { party, accept, dryRun };
      const type = json ? "application/json" : "text/csv";
      return upload("/v1/merchants/{party}/uploads", file, type, query);
    },
    onSettled: () => queries.invalidateQueries(),
  });
  const failure = useFailure(send.error);
  const choose = async (file: File | undefined) => {
    send.reset();
    if (!file) return setChosen(undefined);
    const json = /\.json$/i.test(file.name);
    const text = decoded(new Uint8Array(await file.arrayBuffer()));
    setChosen({ file, json, found: read(text, json, schema) });
  };
  return (
    <div className="card stack">
      <div className="field">
        <FileInput
          label={t("upload.file")}
          accept=".csv,.json,text/csv,application/json"
          choose={([file]) => void choose(file)}
        />
        <span className="why">
          {t("upload.columns")} <span className="mono">{COLUMNS.join(",")}</span>{" "}
          <Button size="small" onClick={() => download("example.csv", example(schema))}>
            {t("upload.example")}
          </Button>
        </span>
      </div>
      {chosen && <Preview of={chosen.found} />}
      <div className="row">
        <input
          id={acceptId}
          type="checkbox"
          checked={acceptValid}
          onChange={({ target }) => setAcceptValid(target.checked)}
        />
        <label htmlFor={acceptId}>{t("upload.acceptValid")}</label>
      </div>
      <div className="row">
        <Button disabled={!chosen} loading={send.isPending} onClick={() => send.mutate(true)}>
          {t("upload.check")}
        </Button>
        <Button type="primary" disabled={!chosen} loading={send.isPending} onClick={() => send.mutate(false)}>
          {t("upload.do")}
        </Button>
      </div>
      {send.data && (
        <Alert
          type="success"
          showIcon
          title={t(send.data.outcome === "checked" ? "upload.checked" : "upload.kept")}
          description={send.data.report && <Report of={send.data.report} />}
        />
      )}
      {failure && (
        <Alert
          type="error"
          showIcon
          title={t("upload.refused")}
          description={
            <>
              <FailureText failure={failure} />
              <Refused party={party} error={send.error} />
            </>
          }
        />
      )}
    </div>
  );
}

function Preview({ of: { rows, faults } }: { of: Read }) {
  const { t } = useTranslation("credit");
  return (
    <>
      <p role="status">
        {t(faults.length ? "upload.foundFaults" : "upload.noFaults", {
          rows: grouped(rows.length),
          faults: grouped(faults.length),
        })}
      </p>
      {rows.length > 0 && <FirstRows of={rows} />}
      {faults.length > 0 && <Faults of={faults.slice(0, FIRST_FAULTS)} />}
    </>
  );
}

function FirstRows({ of }: { of: readonly Row[] }) {
  const { t } = useTranslation("credit");
  const rows = of.slice(0, FIRST_ROWS).map((row, at) => ({ row, at }));
  return (
    <Table
      label={t("upload.firstRows")}
      rows={rows}
      rowKey={({ at }) => at}
      columns={COLUMNS.map((name) => ({ title: name, show: ({ row }: { row: Row }) => row[name] }))}
    />
  );
}

/** The whole report of a refused file, by the number that the refusal names. */
function Refused({ party, error }: { party: number; error: unknown }) {
  const number = error instanceof ApiProblem ? Number(error.problem.values["upload"]) : Number.NaN;
  const found = useApi("/v1/merchants/{party}/uploads/{upload}", { party, upload: number }, number > 0);
  return found.data?.report && <Report of={found.data.report} />;
}

/** A row of each column's example, of a sale. */
function example(schema: RowSchema): string {
  const { properties } = schema.row as { properties: Record<string, { examples: readonly string[] }> };
  const empty = new Set(["stars", "days"]);
  const cells = COLUMNS.map((name) => (empty.has(name) ? "" : (properties[name]?.examples[0] ?? "")));
  return `${COLUMNS.join(",")}\n${cells.join(",")}\n`;
}
