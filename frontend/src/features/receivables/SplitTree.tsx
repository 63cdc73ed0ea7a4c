/** How a receivable was divided: as a list, and drawn. */

import { Card } from "antd";
import type { EChartsOption } from "echarts";
import { useMemo } from "react";
import type { Node } from "../../api/schema";
import { Chart } from "../../ui/Chart";
import { money } from "../../ui/format";
import { Money } from "../../ui/Money";
import { PartyLink } from "../../ui/links";
import { ReceivableLink, StateTag } from "./parts";
import { type Words, useWords } from "./words";

export function SplitTree({ of, current }: { of: Node; current: number }) {
  const t = useWords();
  const option = useMemo(() => drawn(t, of), [t, of]);
  return (
    <Card title={<h2>{t("receivables:tree")}</h2>}>
      <div className="halves">
        <ul className="part-tree">
          <Branch of={of} current={current} />
        </ul>
        <Chart label={t("receivables:tree")} option={option} />
      </div>
    </Card>
  );
}

function Branch({ of, current }: { of: Node; current: number }) {
  return (
    <li>
      <span className="row" aria-current={of.id === current || undefined}>
        <ReceivableLink id={of.id} />
        <Money fen={of.face} />
        <StateTag state={of.state} />
        <PartyLink party={of.holderParty} />
      </span>
      {of.parts.length > 0 && (
        <ul className="part-tree">
          {of.parts.map((part) => (
            <Branch key={part.id} of={part} current={current} />
          ))}
        </ul>
      )}
    </li>
  );
}

interface Drawn {
  name: string;
  children: Drawn[];
}

function drawn(t: Words, root: Node): EChartsOption {
  const named = ({ id, face, state, parts }: Node): Drawn => ({
    name: `${id} · ${money(face)}\n${t(`receivables:state.${state}`)}`,
    children: parts.map(named),
  });
  return {
    series: [
      {
        type: "tree",
        data: [named(root)],
        left: "28%",
        right: "28%",
        top: 16,
        bottom: 16,
        symbolSize: 10,
        initialTreeDepth: -1,
        label: { position: "left", align: "right", fontSize: 12 },
        leaves: { label: { position: "right", align: "left" } },
      },
    ],
  };
}
