/** Many invoices at once: read here, checked row by row, fingerprinted in turn, registered together. */

import { Alert, Button, Card, Progress } from "antd";
import { useState } from "react";
import { useConnectorClient } from "wagmi";
import { type Me, useMe } from "../../api/me";
import { useApi } from "../../api/query";
import { type Failure, failureOf } from "../../chain/failures";
import { useAct } from "../../ui/Actions";
import { FailureText } from "../../ui/FailureText";
import { FileInput } from "../../ui/FileInput";
import { Page } from "../../ui/Page";
import { type Column, Table } from "../../ui/Table";
import { csvOf, download } from "../../ui/csv";
import { dateOfDay, money, plainYuan } from "../../ui/format";
import { PartyLink } from "../../ui/links";
import { digestsOf } from "./documents";
import { askFingerprint } from "./fingerprint";
import { type Fault, type InvoiceRow, type Refusal, type Sheet, MOST_BYTES, MOST_ROWS, readInvoices } from "./invoices";
import { type Claim, MOST_IN_ONE, issue, register } from "./origination";
import { Pages, ReceivableLink, useWalletOf } from "./parts";
import { type Words, useWords } from "./words";

const NAMES = ["number", "code", "issueDate", "total", "face", "due", "party"] as const;

export default function Import() {
  const t = useWords();
  const today = useApi("/v1/status").data?.today.day;
  const me = useMe();
  const [read, setRead] = useState<{ name: string; hash: `0x${string}`; found: Sheet | Refusal }>();
  const choose = async ([file]: readonly File[]) => {
    if (!file || today === undefined) return undefined;
    // A gigantic file is refused before it is read.
    if (file.size > MOST_BYTES)
      return setRead({ name: file.name, hash: "0x", found: { refusal: "tooBig", bytes: file.size } });
    const bytes = new Uint8Array(await file.arrayBuffer());
    const { sha256 } = await digestsOf(file);
    setRead({ name: file.name, hash: sha256, found: readInvoices(bytes, today) });
  };
  return (
    <Page title={t("receivables:pages.import")}>
      <Pages />
      <p>{t("receivables:import.intro")}</p>
      <Card title={<h2>{t("receivables:import.file")}</h2>}>
        <div className="stack">
          <p className="muted">
            {t("receivables:import.columns", {
              columns: NAMES.map((name) => t(`receivables:import.column.${name}`)).join(t("receivables:and")),
            })}
          </p>
          <div>
            <Button onClick={() => template(t, today ?? 0)}>{t("receivables:import.template")}</Button>
          </div>
          <FileInput
            label={t("receivables:import.choose")}
            accept=".csv,text/csv"
            choose={(files) => void choose(files)}
          />
        </div>
      </Card>
      {read && "refusal" in read.found && (
        <Alert type="error" showIcon title={t("receivables:import.refused")} description={told(t, read.found)} />
      )}
      {read && !("refusal" in read.found) && <Found key={read.hash} sheet={read.found} hash={read.hash} me={me} />}
    </Page>
  );
}

function template(t: Words, today: number) {
  const head = NAMES.map((name) => t(`receivables:import.column.${name}`));
  const row = ["26442000000000000001", "", dateOfDay(today), "113000.00", "", dateOfDay(today + 90), 1];
  download("invoices.csv", csvOf([head, row]));
}

function told(t: Words, found: Refusal): string {
  switch (found.refusal) {
    case "empty":
      return t("receivables:import.refusal.empty");
    case "binary":
      return t("receivables:import.refusal.binary");
    case "tooBig":
      return t("receivables:import.refusal.tooBig", {
        megabytes: (found.bytes / 1e6).toFixed(1),
        most: MOST_BYTES / 1e6,
      });
    case "tooMany":
      return t("receivables:import.refusal.tooMany", { rows: found.rows, most: MOST_ROWS });
    case "columns":
      return t("receivables:import.refusal.columns", {
        missing: found.missing.map((name) => t(`receivables:import.column.${name}`)).join(t("receivables:and")),
      });
  }
}

interface FoundProps {
  sheet: Sheet;
  hash: `0x${string}`;
  me: Me | undefined;
}

function Found({ sheet, hash, me }: FoundProps) {
  const t = useWords();
  const total = sheet.rows.reduce((sum, { face }) => sum + face, 0n);
  return (
    <>
      <Alert
        type={sheet.faults.length ? "warning" : "success"}
        showIcon
        role="status"
        title={t("receivables:import.found", {
          rows: sheet.rows.length,
          faults: sheet.faults.length,
          encoding: sheet.encoding,
          amount: money(total),
        })}
      />
      {sheet.faults.length > 0 && <Faults of={sheet.faults} />}
      {sheet.rows.length > 0 && <Registering rows={sheet.rows} hash={hash} me={me} />}
    </>
  );
}

function Faults({ of }: { of: readonly Fault[] }) {
  const t = useWords();
  const shown: Column<Fault>[] = [
    { title: t("receivables:import.line"), numeric: true, show: ({ line }) => line, plain: ({ line }) => line },
    { title: t("receivables:import.fault"), show: (one) => fault(t, one), plain: (one) => fault(t, one) },
  ];
  return (
    <Table
      label={t("receivables:import.faults")}
      columns={shown}
      rows={of}
      rowKey={(one) => `${one.line} ${one.fault} ${"column" in one ? one.column : ""}`}
      file="import-faults"
    />
  );
}

function fault(t: Words, one: Fault): string {
  switch (one.fault) {
    case "quote":
      return t("receivables:import.faultText.quote");
    case "cells":
      return t("receivables:import.faultText.cells", { found: one.found, expected: one.expected });
    case "twice":
      return t("receivables:import.faultText.twice", { found: one.found, first: one.first });
    default:
      return t(`receivables:import.faultText.${one.fault}`, {
        column: t(`receivables:import.column.${one.column}`),
        found: one.found,
      });
  }
}

/** What became of a row: its fingerprint, the claim that has its invoice already, or why there is none. */
type Fate = { claim: Claim } | { taken: number } | { failure: Failure };

function Registering({ rows, hash, me }: { rows: readonly InvoiceRow[]; hash: `0x${string}`; me: Me | undefined }) {
  const t = useWords();
  const act = useAct();
  const { data: client } = useConnectorClient();
  const [fates, setFates] = useState<ReadonlyMap<number, Fate>>(new Map());
  const [sent, setSent] = useState<ReadonlySet<number>>(new Set());
  const [busy, setBusy] = useState(false);
  const issuer = me?.roles.includes("core_enterprise") && !me.roles.includes("supplier") ? me.party : undefined;
  const may = !!me && !!client && (issuer !== undefined || me.roles.includes("supplier"));
  const fateOf = async (row: InvoiceRow): Promise<Fate> => {
    const debtor = issuer ?? row.party;
    try {
      const { fingerprint, receivable } = await askFingerprint(client!, debtor, row.invoice);
      if (receivable) return { taken: receivable };
      const { face, dueDay } = row;
      return { claim: { debtor, face, dueDay, fingerprint: fingerprint as `0x${string}`, documentHash: hash } };
    } catch (error) {
      return { failure: await failureOf(error) };
    }
  };
  const fingerprintAll = async () => {
    setBusy(true);
    const found = new Map(fates);
    for (const row of rows) {
      const known = found.get(row.line);
      if (known && !("failure" in known)) continue;
      const fate = await fateOf(row);
      found.set(row.line, fate);
      setFates(new Map(found));
      if ("failure" in fate && fate.failure.code === "rejected") break;
    }
    setBusy(false);
  };
  const ready = rows.flatMap(({ line }) => {
    const fate = fates.get(line);
    return fate && "claim" in fate && !sent.has(line) ? [{ line, claim: fate.claim }] : [];
  });
  const batch = ready.slice(0, MOST_IN_ONE);
  const mark = (lines: readonly number[]) => setSent(new Set([...sent, ...lines]));
  const send = () =>
    act({
      ...register(
        t,
        batch.map(({ claim }) => claim),
      ),
      done: () => mark(batch.map(({ line }) => line)),
    });

  const shown: Column<InvoiceRow>[] = [
    { title: t("receivables:import.line"), numeric: true, show: ({ line }) => line },
    {
      title: t("receivables:import.column.number"),
      show: ({ invoice }) => invoice.number,
      plain: ({ invoice }) => invoice.number,
    },
    {
      title: t("receivables:import.column.party"),
      show: ({ party }) => <PartyLink party={party} />,
      plain: ({ party }) => party,
    },
    {
      title: t("receivables:face"),
      numeric: true,
      show: ({ face }) => money(face),
      plain: ({ face }) => plainYuan(face),
    },
    { title: t("receivables:due"), show: ({ dueDay }) => dateOfDay(dueDay), plain: ({ dueDay }) => dateOfDay(dueDay) },
    {
      title: t("receivables:stateName"),
      show: (row) =>
        sent.has(row.line) ? (
          t("receivables:import.done")
        ) : (
          <FateOf fate={fates.get(row.line)} row={row} issuer={issuer} done={() => mark([row.line])} />
        ),
    },
  ];
  return (
    <>
      <Table label={t("receivables:import.rows")} columns={shown} rows={rows} rowKey={({ line }) => line} />
      <p className="muted">{t("receivables:import.documentNote")}</p>
      {!may && <Alert type="info" showIcon title={t("receivables:import.needRole")} />}
      {busy && (
        <Progress percent={Math.round((100 * fates.size) / rows.length)} aria-label={t("receivables:import.busy")} />
      )}
      <div className="row">
        <Button loading={busy} disabled={!may} onClick={() => void fingerprintAll()}>
          {t("receivables:import.fingerprint", { count: rows.length })}
        </Button>
        {issuer === undefined && (
          <Button type="primary" disabled={busy || batch.length === 0} onClick={send}>
            {t("receivables:import.register", { count: batch.length })}
          </Button>
        )}
      </div>
    </>
  );
}

interface FateProps {
  fate: Fate | undefined;
  row: InvoiceRow;
  issuer: number | undefined;
  done: () => void;
}

function FateOf({ fate, row, issuer, done }: FateProps) {
  const t = useWords();
  if (!fate) return <span className="muted">{t("receivables:import.waiting")}</span>;
  if ("failure" in fate) return <FailureText failure={fate.failure} />;
  if ("taken" in fate)
    return (
      <>
        {t("receivables:register.taken")} <ReceivableLink id={fate.taken} />
      </>
    );
  if (issuer !== undefined) return <IssueButton claim={fate.claim} creditor={row.party} done={done} />;
  return t("receivables:import.ready");
}

function IssueButton({ claim, creditor, done }: { claim: Claim; creditor: number; done: () => void }) {
  const t = useWords();
  const act = useAct();
  const wallet = useWalletOf(creditor);
  return (
    <Button
      size="small"
      disabled={!wallet}
      onClick={() => wallet && act({ ...issue(t, claim, creditor, wallet), done })}
    >
      {t("receivables:register.issue")}
    </Button>
  );
}
