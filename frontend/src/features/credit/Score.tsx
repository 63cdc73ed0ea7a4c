/** A merchant's score: how it stands, why, what would improve it, how it moved, and how to object. */

import { Link } from "@tanstack/react-router";
import { Alert } from "antd";
import type { EChartsOption } from "echarts";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Evaluation, Finding, MerchantScore, Reason, ScoreInForce } from "../../api/schema";
import { usePages } from "../../api/pages";
import { useApi } from "../../api/query";
import { useInLanguage } from "../../text";
import { Chart } from "../../ui/Chart";
import { Figures, Tiles } from "../../ui/Figures";
import { Listed } from "../../ui/Listed";
import { Money } from "../../ui/Money";
import { Shown } from "../../ui/Shown";
import { Table } from "../../ui/Table";
import { grouped, money, onAxis, percent, time } from "../../ui/format";
import { Badge } from "./Badge";
import { CreditPage, Mine, Private, Section } from "./Frame";

export default function ScorePage() {
  const { t } = useTranslation("credit");
  return (
    <CreditPage title={t("score.title")}>
      <p>{t("score.about")}</p>
      <Mine>
        {(party) => (
          <Private>
            <MyScore party={party} />
          </Private>
        )}
      </Mine>
      <Section title={t("score.appeal")}>
        <p>{t("score.appealRight")}</p>
        <ul className="facts">
          <li>{t("score.appealData")}</li>
          <li>{t("score.appealReview")}</li>
          <li>{t("score.appealHold")}</li>
        </ul>
      </Section>
    </CreditPage>
  );
}

function MyScore({ party }: { party: number }) {
  const score = useApi("/v1/merchants/{party}/score", { party });
  return (
    <Shown of={score}>
      {(found) => (
        <>
          <Standing of={found} />
          {found.inForce && <InForce of={found.inForce} newest={found.newest} />}
          <Improvements party={party} reasons={found.newest?.reasons ?? found.inForce?.reasons ?? []} />
          <History party={party} />
        </>
      )}
    </Shown>
  );
}

/** Whether there is a usable score, whether it is renewed, and if not why. */
function Standing({ of: { consented, held, inForce, standing } }: { of: MerchantScore }) {
  const { t } = useTranslation("credit");
  const inLanguage = useInLanguage();
  return (
    <>
      {!consented && (
        <Alert
          type="warning"
          showIcon
          title={t("score.noConsent")}
          description={<Link to={"/credit/consents" as string}>{t("nav.consents")}</Link>}
        />
      )}
      {held && <Alert type="warning" showIcon title={t("score.held")} description={t("score.heldWhy")} />}
      {!inForce && (
        <Alert
          type="info"
          showIcon
          title={t("score.none")}
          description={
            <>
              {t("score.noneNext")} <Link to={"/credit/data" as string}>{t("nav.data")}</Link>
            </>
          }
        />
      )}
      {standing && (
        <Alert
          type={standing.renewed ? "success" : "warning"}
          showIcon
          title={inLanguage(standing.text)}
          description={standing.evaluatedAt && t("score.evaluated", { at: time(standing.evaluatedAt) })}
        />
      )}
    </>
  );
}

/** Parts per million as percent: 28058 → "2.8058%". */
const ppm = (value: number) => `${(value / 10_000).toFixed(4)}%`;

function InForce({ of, newest }: { of: ScoreInForce; newest: Evaluation | null }) {
  const { t } = useTranslation("credit");
  const inLanguage = useInLanguage();
  const models = useApi("/v1/models");
  const model = models.data?.items.find(({ model }) => model === of.model);
  return (
    <>
      <Tiles
        of={[
          [t("figure.score"), of.value],
          [t("figure.grade"), of.grade],
          [t("score.pd"), ppm(of.pdPpm)],
          [t("limit.granted"), money(BigInt(of.limitYuan) * 100n)],
        ]}
      />
      {of.flags.length > 0 && (
        <Alert
          type="error"
          showIcon
          title={t("score.flags")}
          description={
            <ul className="facts">
              {of.flags.map((flag) => (
                <li key={flag.name}>{inLanguage(flag.text)}</li>
              ))}
            </ul>
          }
        />
      )}
      <Section title={t("score.reasons")}>
        <Reasons of={of.reasons} />
      </Section>
      <Section title={t("score.basis")}>
        <Figures
          of={[
            [t("score.issued"), of.issuedAt && time(of.issuedAt), t("score.issuedWhy")],
            [t("score.valid"), of.validUntil && time(of.validUntil), t("score.validWhy")],
            [t("consent.epoch"), of.consentEpoch],
            [t("score.model"), of.model, model?.notice ? inLanguage(model.notice) : undefined],
            [t("score.modelHash"), model && <span className="mono">{model.hash}</span>, t("score.modelWhy")],
            [t("score.modelApproved"), model?.approvedAt ? time(model.approvedAt) : "–"],
            [t("score.formula"), "437.6036 + 72.1348 × ln((1 − PD) ÷ PD)", t("score.scale")],
          ]}
        />
        {newest?.figures && <Features of={newest} />}
      </Section>
    </>
  );
}

function Reasons({ of }: { of: readonly Reason[] }) {
  const { t } = useTranslation("credit");
  const inLanguage = useInLanguage();
  return (
    <ul className="facts">
      {of.map((reason) => (
        <li key={reason.code}>
          <Badge tone={reason.raisesRisk ? "warning" : "good"}>
            {t(reason.raisesRisk ? "score.against" : "score.inFavour")}
          </Badge>{" "}
          {inLanguage(reason.text)}
        </li>
      ))}
    </ul>
  );
}

/** The figures that the model read, by the names it knows them under. */
function Features({ of }: { of: Evaluation }) {
  const { t } = useTranslation("credit");
  return (
    <details>
      <summary>{t("score.figures", { at: of.at ? time(of.at) : "" })}</summary>
      <p className="why">
        {t("score.figuresHash")} <span className="mono">{of.featuresHash}</span>
      </p>
      <Table
        label={t("score.figuresTitle")}
        rows={Object.entries(of.figures ?? {})}
        rowKey={([name]) => name}
        file="score-figures"
        columns={[
          { title: t("score.figure"), show: ([name]) => <span className="mono">{name}</span>, plain: ([name]) => name },
          {
            title: t("limit.result"),
            numeric: true,
            show: ([, value]) => value ?? "–",
            plain: ([, value]) => value ?? "",
          },
        ]}
      />
    </details>
  );
}

function Improvements({ party, reasons }: { party: number; reasons: readonly Reason[] }) {
  const { t } = useTranslation("credit");
  const inLanguage = useInLanguage();
  const findings = useApi("/v1/merchants/{party}/findings", { party });
  const advice = reasons.filter(({ improvement }) => improvement);
  return (
    <Section title={t("score.improve")}>
      {advice.length > 0 ? (
        <ul className="facts">
          {advice.map(({ code, improvement }) => improvement && <li key={code}>{inLanguage(improvement)}</li>)}
        </ul>
      ) : (
        <p className="muted">{t("score.noAdvice")}</p>
      )}
      <h3>{t("score.findings")}</h3>
      <Shown
        of={findings}
        empty={({ items }) => items.length === 0}
        whenEmpty={<p className="muted">{t("score.noFindings")}</p>}
      >
        {({ items }) => (
          <>
            {items.map((finding) => (
              <Suspicion key={finding.code} of={finding} />
            ))}
          </>
        )}
      </Shown>
    </Section>
  );
}

function Suspicion({ of }: { of: Finding }) {
  const { t } = useTranslation("credit");
  const inLanguage = useInLanguage();
  const shown = (value: number) => (of.unit === "bps" ? percent(value) : grouped(value));
  return (
    <Alert
      type="warning"
      showIcon
      title={inLanguage(of.text)}
      description={
        <>
          <p>{t("score.measure", { measure: shown(of.measure), threshold: shown(of.threshold) })}</p>
          <p>{inLanguage(of.why)}</p>
          <p className="mono">{of.evidence.join(", ")}</p>
        </>
      }
    />
  );
}

function History({ party }: { party: number }) {
  const { t } = useTranslation("credit");
  const history = usePages("/v1/merchants/{party}/score/history", { party });
  return (
    <Section title={t("score.history")}>
      <Listed of={history} whenEmpty={<p className="muted">{t("score.noHistory")}</p>}>
        {(rows) => <Moved items={rows} party={party} />}
      </Listed>
    </Section>
  );
}

function Moved({ items, party }: { items: readonly Evaluation[]; party: number }) {
  const { t } = useTranslation("credit");
  const option = useMemo(() => optionOf(items, t("figure.score"), t("score.pd")), [items, t]);
  return (
    <>
      <Chart label={t("score.chart")} option={option} />
      <Table
        label={t("score.history")}
        rows={items}
        rowKey={({ at, round }) => `${at} ${round}`}
        file={`score-${party}`}
        columns={[
          { title: t("table.at"), show: ({ at }) => at && time(at), plain: ({ at }) => (at ? time(at) : "") },
          { title: t("figure.score"), numeric: true, show: ({ value }) => value, plain: ({ value }) => value },
          { title: t("figure.grade"), show: ({ grade }) => grade, plain: ({ grade }) => grade },
          { title: t("score.pd"), numeric: true, show: ({ pdPpm }) => ppm(pdPpm), plain: ({ pdPpm }) => ppm(pdPpm) },
          {
            title: t("limit.granted"),
            numeric: true,
            show: ({ limit }) => <Money fen={limit.granted} />,
            plain: ({ limit }) => money(limit.granted),
          },
          {
            title: t("score.reported"),
            show: ({ round }) => (round === null ? t("score.notReported") : t("score.round", { round })),
            plain: ({ round }) => round ?? "",
          },
          { title: t("score.model"), numeric: true, show: ({ model }) => model, plain: ({ model }) => model },
        ]}
      />
    </>
  );
}

function optionOf(items: readonly Evaluation[], score: string, pd: string): EChartsOption {
  const upward = items.toReversed().flatMap((one) => (one.at ? [[onAxis(one.at), one] as const] : []));
  const line = { type: "line", step: "end" } as const;
  return {
    grid: { left: 48, right: 56, top: 36, bottom: 32 },
    tooltip: { trigger: "axis" },
    legend: { top: 0 },
    xAxis: { type: "time" },
    yAxis: [
      { type: "value", min: 300, max: 850 },
      { type: "value", axisLabel: { formatter: "{value}%" }, splitLine: { show: false } },
    ],
    series: [
      { ...line, name: score, data: upward.map(([at, { value }]) => [at, value]) },
      {
        ...line,
        name: pd,
        yAxisIndex: 1,
        lineStyle: { type: "dashed" },
        data: upward.map(([at, { pdPpm }]) => [at, pdPpm / 10_000]),
      },
    ],
  };
}
