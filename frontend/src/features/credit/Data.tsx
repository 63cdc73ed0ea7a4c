/** A merchant's business records: bring them, see what became of them and what is kept, take them along, erase them. */

import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Alert, Button } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { post, remove } from "../../api/client";
import { usePages } from "../../api/pages";
import { queries, useApi } from "../../api/query";
import type { RecordsOfKind, Upload } from "../../api/schema";
import { FailureText } from "../../ui/FailureText";
import { Figures } from "../../ui/Figures";
import { Listed } from "../../ui/Listed";
import { Shown } from "../../ui/Shown";
import { Table } from "../../ui/Table";
import { grouped, time } from "../../ui/format";
import { useFailure } from "../../ui/useFailure";
import { Badge } from "./Badge";
import { CreditPage, Mine, Private, Section } from "./Frame";
import { UploadForm } from "./UploadForm";
import { Report } from "./Report";

const UPLOADS = 20;

export default function Data() {
  const { t } = useTranslation("credit");
  return (
    <CreditPage title={t("data.title")}>
      <p>{t("data.about")}</p>
      <Mine>
        {(party) => (
          <Private>
            <UploadForm party={party} />
            <Uploads party={party} />
            <Kept party={party} />
            <Platforms party={party} />
            <Erasing party={party} />
          </Private>
        )}
      </Mine>
    </CreditPage>
  );
}

function Uploads({ party }: { party: number }) {
  const { t } = useTranslation("credit");
  const uploads = usePages("/v1/merchants/{party}/uploads", { party, limit: UPLOADS });
  return (
    <Section title={t("data.uploads")}>
      <Listed of={uploads} whenEmpty={<p className="muted">{t("data.noUploads")}</p>}>
        {(rows) => rows.map((upload) => <OneUpload key={upload.upload} of={upload} />)}
      </Listed>
    </Section>
  );
}

const TONES = { kept: "good", refused: "bad", checked: "plain" } as const;

function OneUpload({ of }: { of: Upload }) {
  const { t } = useTranslation("credit");
  return (
    <details className="card">
      <summary>
        {of.receivedAt && time(of.receivedAt)} · {of.platform} ·{" "}
        <Badge tone={TONES[of.outcome]}>{t(`data.outcome.${of.outcome}`)}</Badge>{" "}
        {of.report && t("data.rows", { rows: grouped(of.report.rows), stored: grouped(of.report.stored) })}
      </summary>
      <Figures
        of={[
          [t("data.broughtBy"), <span className="mono">{of.broughtBy}</span>],
          [t("data.fileHash"), <span className="mono">{of.fileHash}</span>],
        ]}
      />
      {of.report ? <Report of={of.report} /> : <p className="muted">{t("data.reportGone")}</p>}
    </details>
  );
}

function Kept({ party }: { party: number }) {
  const { t } = useTranslation("credit");
  const records = useApi("/v1/merchants/{party}/records", { party });
  return (
    <Section title={t("data.kept")}>
      <Shown of={records}>
        {({ records: total, byKind, erasures }) => (
          <>
            <p>{t("data.total", { records: grouped(total) })}</p>
            {byKind.length > 0 && <ByKind of={byKind} />}
            <div className="row">
              <a href={`/v1/merchants/${party}/records.csv`} download>
                {t("data.exportCsv")}
              </a>
              <a href={`/v1/merchants/${party}/records.json`} download>
                {t("data.exportJson")}
              </a>
            </div>
            {erasures.map(({ erasedAt, erased }) => (
              <p key={erasedAt} className="muted">
                {t("data.erasedAt", {
                  at: erasedAt ? time(erasedAt) : "",
                  records: grouped(erased["records"] ?? 0),
                  evaluations: grouped(erased["evaluations"] ?? 0),
                  reports: grouped(erased["reports"] ?? 0),
                  platforms: grouped(erased["platforms"] ?? 0),
                  feedback: grouped(erased["feedback"] ?? 0),
                })}
              </p>
            ))}
          </>
        )}
      </Shown>
    </Section>
  );
}

function ByKind({ of }: { of: readonly RecordsOfKind[] }) {
  const { t } = useTranslation("credit");
  const day = (at: string | null) => (at ? time(at).slice(0, 10) : "–");
  const kind = ({ kind }: RecordsOfKind) => t(`data.kinds.${kind as Kind}`);
  return (
    <Table
      label={t("data.kept")}
      rows={of}
      rowKey={({ kind }) => kind}
      columns={[
        { title: t("data.kind"), show: kind, plain: kind },
        {
          title: t("data.records"),
          numeric: true,
          show: ({ records }) => grouped(records),
          plain: ({ records }) => records,
        },
        { title: t("data.first"), show: ({ firstAt }) => day(firstAt), plain: ({ firstAt }) => day(firstAt) },
        { title: t("data.last"), show: ({ lastAt }) => day(lastAt), plain: ({ lastAt }) => day(lastAt) },
        {
          title: t("data.received"),
          show: ({ lastReceivedAt }) => day(lastReceivedAt),
          plain: ({ lastReceivedAt }) => day(lastReceivedAt),
        },
        {
          title: t("data.keptFor"),
          show: ({ retentionDays, kind }) => (
            <div className="roomy">
              {t("days", { days: retentionDays })}
              <span className="why"> {t(`data.why.${kind as Kind}`)}</span>
            </div>
          ),
          plain: ({ retentionDays }) => retentionDays,
        },
      ]}
    />
  );
}

type Kind = "sale" | "refund" | "rating" | "stock" | "arrears" | "opening";

function Platforms({ party }: { party: number }) {
  const { t } = useTranslation("credit");
  const id = useId();
  const [platform, setPlatform] = useState("");
  const path = "/v1/merchants/{party}/platforms";
  const connected = useApi(path, { party });
  const change = useMutation({
    mutationFn: async ({ name, end }: { name: string; end: boolean }) => {
      if (end) await remove("/v1/merchants/{party}/platforms/{platform}", { party, platform: name });
      else await post(path, { platform: name }, { party });
      setPlatform("");
      await queries.invalidateQueries();
    },
  });
  const failure = useFailure(change.error);
  return (
    <Section title={t("data.platforms")}>
      <p>{t("data.platformsAbout")}</p>
      <Shown
        of={connected}
        empty={({ items }) => items.length === 0}
        whenEmpty={<p className="muted">{t("data.noPlatforms")}</p>}
      >
        {({ items }) => (
          <Table
            label={t("data.platforms")}
            rows={items}
            rowKey={({ platform }) => platform}
            columns={[
              { title: t("data.platform"), show: ({ platform }) => platform, plain: ({ platform }) => platform },
              {
                title: t("data.since"),
                show: ({ connectedAt }) => connectedAt && time(connectedAt),
                plain: ({ connectedAt }) => (connectedAt ? time(connectedAt) : ""),
              },
              {
                title: t("data.end"),
                show: ({ platform }) => (
                  <Button onClick={() => change.mutate({ name: platform, end: true })}>{t("data.disconnect")}</Button>
                ),
              },
            ]}
          />
        )}
      </Shown>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (platform.trim()) change.mutate({ name: platform.trim(), end: false });
        }}
      >
        <label htmlFor={id}>{t("data.platform")}</label>
        <input
          id={id}
          className="input"
          value={platform}
          autoComplete="off"
          onChange={({ target }) => setPlatform(target.value)}
        />
        <Button htmlType="submit" loading={change.isPending} disabled={!platform.trim()}>
          {t("data.connect")}
        </Button>
      </form>
      {failure && <FailureText failure={failure} />}
    </Section>
  );
}

function Erasing({ party }: { party: number }) {
  const { t } = useTranslation("credit");
  const id = useId();
  const [sure, setSure] = useState(false);
  const erase = useMutation({
    mutationFn: async () => {
      await remove("/v1/merchants/{party}/records", { party });
      setSure(false);
      await queries.invalidateQueries();
    },
  });
  const failure = useFailure(erase.error);
  return (
    <Section title={t("data.erase")}>
      <p>{t("data.eraseAbout")}</p>
      <div className="row">
        <input id={id} type="checkbox" checked={sure} onChange={({ target }) => setSure(target.checked)} />
        <label htmlFor={id}>{t("data.eraseSure")}</label>
      </div>
      <div>
        <Button danger disabled={!sure} loading={erase.isPending} onClick={() => erase.mutate()}>
          {t("data.eraseDo")}
        </Button>
      </div>
      {erase.isSuccess && (
        <Alert
          type="success"
          showIcon
          title={t("data.erased")}
          description={
            <>
              {t("data.erasedNext")} <Link to={"/credit/consents" as string}>{t("nav.consents")}</Link>
            </>
          }
        />
      )}
      {failure && <FailureText failure={failure} />}
    </Section>
  );
}
