/** The limit line by line, each with its formula and what it read: the chain's own, and to whom it belongs how the
 * oracle came to what it reported. */

import { Alert } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "../../api/client";
import type { LimitLine, LimitMove, LineLimit, Problem, Proposal } from "../../api/schema";
import { usePages } from "../../api/pages";
import { useApi } from "../../api/query";
import { useToldLine } from "../../api/told";
import { useInLanguage } from "../../text";
import { FailureText } from "../../ui/FailureText";
import { Tiles } from "../../ui/Figures";
import { Listed } from "../../ui/Listed";
import { Money } from "../../ui/Money";
import { Shown } from "../../ui/Shown";
import { Table } from "../../ui/Table";
import { TransactionLink } from "../../ui/links";
import { percent, plainYuan, time } from "../../ui/format";
import { useFailure } from "../../ui/useFailure";
import { credit } from "../../text/zh/credit";
import type { Translate } from "./actions";
import { Badge } from "./Badge";
import { readable, shownFigure } from "./formula";

const inputs = credit.input;

export function LimitArithmetic({ party }: { party: number }) {
  const limit = useApi("/v1/lines/{party}/limit", { party });
  const { line } = useToldLine(party);
  const moves = usePages("/v1/lines/{party}/limit/moves", { party }, { enabled: !!line.data });
  return (
    <>
      <Shown of={limit}>{(found) => <OnChain of={found} />}</Shown>
      {line.data && (
        <Listed of={moves} whenEmpty={<></>}>
          {(rows) => <Moves of={rows} />}
        </Listed>
      )}
    </>
  );
}

function OnChain({ of: { limit, available, grade, score, annualRateBps, lines, refusal, block } }: { of: LineLimit }) {
  const { t } = useTranslation("credit");
  return (
    <>
      {refusal && <Alert type="warning" showIcon title={t("limit.none")} description={<Refusal problem={refusal} />} />}
      {limit !== null && (
        <>
          <Tiles
            of={[
              [t("figure.limit"), <Money fen={limit} />],
              [t("figure.available"), <Money fen={available ?? "0"} />],
              [t("figure.grade"), grade],
              [t("figure.score"), score],
              [t("figure.rate"), percent(annualRateBps ?? 0)],
            ]}
          />
          <p className="muted">{t("limit.from", { block: block.number })}</p>
          <Arithmetic label={t("limit.title")} lines={lines} />
        </>
      )}
    </>
  );
}

function Refusal({ problem }: { problem: Problem }) {
  const failure = useFailure(useMemo(() => new ApiProblem(problem), [problem]));
  return failure && <FailureText failure={failure} />;
}

export function Proposed({ of }: { of: Proposal }) {
  const { t } = useTranslation("credit");
  const inLanguage = useInLanguage();
  return (
    <>
      <Tiles
        of={[
          [t("limit.proposed"), of.proposed === null ? "–" : <Money fen={of.proposed} />],
          [t("limit.granted"), <Money fen={of.granted} />],
          [t("limit.evaluatedAt"), of.at ? time(of.at) : "–"],
        ]}
      />
      {of.why && <p>{inLanguage(of.why)}</p>}
      {of.lines && <Arithmetic label={t("limit.proposalTitle")} lines={of.lines} />}
    </>
  );
}

function Arithmetic({ label, lines }: { label: string; lines: readonly LimitLine[] }) {
  const { t } = useTranslation("credit");
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={label}>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{t("limit.line")}</th>
            <th scope="col" className="num">
              {t("limit.result")}
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <LineOf key={line.id} line={line} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LineOf({ line }: { line: LimitLine }) {
  const { t } = useTranslation("credit");
  const inLanguage = useInLanguage();
  const strong = line.role === "limit";
  return (
    <tr className={strong ? "decides" : undefined}>
      <th scope="row">
        {inLanguage(line.name)} {line.binds && <Badge tone="warning">{t("limit.binds")}</Badge>}
        <div className="mono why">{readable(line.formula)}</div>
        <ul className="inputs">
          {Object.entries(line.inputs).map(([name, value]) => (
            <li key={name}>
              <span className="mono">{name}</span> {meaning(t, name)} = {shownFigure(name, value)}
            </li>
          ))}
        </ul>
      </th>
      <td className="num">{shownFigure(line.id, line.result)}</td>
    </tr>
  );
}

/** Undefined of a line above, whose name stands there. */
function meaning(t: Translate, name: string): string {
  return name in inputs ? `(${t(`input.${name as keyof typeof inputs}`)})` : "";
}

function Moves({ of }: { of: readonly LimitMove[] }) {
  const { t } = useTranslation("credit");
  return (
    <>
      <h3>{t("limit.moves")}</h3>
      <Table
        label={t("limit.moves")}
        rows={of}
        rowKey={({ block, logIndex }) => `${block} ${logIndex}`}
        columns={[
          { title: t("table.at"), show: ({ at }) => at && time(at), plain: ({ at }) => (at ? time(at) : "") },
          {
            title: t("limit.before"),
            numeric: true,
            show: ({ before }) => <Money fen={before} />,
            plain: ({ before }) => plainYuan(BigInt(before)),
          },
          {
            title: t("limit.after"),
            numeric: true,
            show: ({ after }) => <Money fen={after} />,
            plain: ({ after }) => plainYuan(BigInt(after)),
          },
          {
            title: t("limit.reported"),
            numeric: true,
            show: ({ reported }) => <Money fen={reported} />,
            plain: ({ reported }) => plainYuan(BigInt(reported)),
          },
          {
            title: t("table.transaction"),
            show: ({ transactionHash }) => <TransactionLink hash={transactionHash} />,
            plain: ({ transactionHash }) => transactionHash,
          },
        ]}
      />
    </>
  );
}
