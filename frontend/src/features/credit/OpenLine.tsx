/** Opening a line: its conditions, what the limit would be, and the agreement that the wallet signs. */

import { Alert, Button } from "antd";
import { Link } from "@tanstack/react-router";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Agreement, OfferedConditions, Terms } from "../../api/schema";
import { useApi } from "../../api/query";
import { useChain, useWallet } from "../../chain/reader";
import { contract } from "../../chain/suite";
import { useInLanguage } from "../../text";
import { useAct } from "../../ui/Actions";
import { FailureText } from "../../ui/FailureText";
import { Money } from "../../ui/Money";
import { Shown } from "../../ui/Shown";
import { Table } from "../../ui/Table";
import { money, percent, plainYuan } from "../../ui/format";
import { Section } from "./Frame";
import { Prose } from "./Prose";
import { open } from "./actions";
import { verdict } from "./chain";

export function OpenLine({ party }: { party: number }) {
  const { t } = useTranslation("credit");
  const conditions = useApi("/v1/conditions/lines");
  return (
    <Section title={t("open.title")}>
      <p>{t("open.about")}</p>
      <WouldBe party={party} />
      <Shown of={conditions}>{(found) => <Offer of={found} />}</Shown>
    </Section>
  );
}

/** The limit with which the wallet would open a line now, or why it cannot. */
function WouldBe({ party }: { party: number }) {
  const { t } = useTranslation("credit");
  const { account } = useWallet();
  const opening = useChain(
    ["opening", party],
    async (reader) => {
      const line = contract("CreditLine");
      const { agreementHash } = await reader.readContract({ ...line, functionName: "conditions" });
      const args = [agreementHash] as const;
      return verdict(reader.simulateContract({ ...line, functionName: "open", args, account: account! }));
    },
    !!account,
  );
  return (
    <Shown of={opening}>
      {({ found, failure }) =>
        failure ? (
          <Alert
            type="warning"
            showIcon
            title={t("open.notNow")}
            description={
              <>
                <FailureText failure={failure} />
                <p>
                  <Link to={"/credit/consents" as string}>{t("nav.consents")}</Link> ·{" "}
                  <Link to={"/credit/data" as string}>{t("nav.data")}</Link> ·{" "}
                  <Link to={"/credit/score" as string}>{t("nav.score")}</Link>
                </p>
              </>
            }
          />
        ) : (
          <Alert type="success" showIcon title={t("open.wouldBe", { limit: money(found.result) })} />
        )
      }
    </Shown>
  );
}

function Offer({ of: { inForce, agreement, grades } }: { of: OfferedConditions }) {
  const { t } = useTranslation("credit");
  if (!inForce || !agreement) return <Alert type="info" showIcon title={t("open.noOffer")} />;
  return (
    <>
      <p>
        {t("open.conditions", {
          term: inForce.termDays,
          cycle: inForce.cycleDays,
          due: inForce.dueDays,
          share: percent(inForce.instalmentBps),
          late: percent(inForce.lateRateBps),
          cap: money(inForce.lineCap),
        })}
      </p>
      <Grades of={grades} />
      <Signing agreement={agreement} />
    </>
  );
}

export function Grades({ of }: { of: readonly Terms[] }) {
  const { t } = useTranslation("credit");
  return (
    <Table
      label={t("grades.title")}
      rows={of}
      rowKey={({ grade }) => grade}
      columns={[
        { title: t("figure.grade"), show: ({ grade }) => grade, plain: ({ grade }) => grade },
        {
          title: t("grades.offered"),
          show: ({ open }) => t(open ? "grades.yes" : "grades.no"),
          plain: ({ open }) => t(open ? "grades.yes" : "grades.no"),
        },
        {
          title: t("figure.rate"),
          numeric: true,
          show: ({ annualRateBps }) => percent(annualRateBps),
          plain: ({ annualRateBps }) => percent(annualRateBps),
        },
        {
          title: t("figure.fee"),
          numeric: true,
          show: ({ feeBps }) => percent(feeBps),
          plain: ({ feeBps }) => percent(feeBps),
        },
        {
          title: t("grades.share"),
          numeric: true,
          show: ({ advanceBps }) => percent(advanceBps),
          plain: ({ advanceBps }) => percent(advanceBps),
        },
        {
          title: t("grades.cap"),
          numeric: true,
          show: ({ limitCap }) => <Money fen={limitCap} />,
          plain: ({ limitCap }) => plainYuan(BigInt(limitCap)),
        },
      ]}
    />
  );
}

function Signing({ agreement }: { agreement: Agreement }) {
  const { t } = useTranslation("credit");
  const inLanguage = useInLanguage();
  const act = useAct();
  const id = useId();
  const [read, setRead] = useState(false);
  return (
    <div className="card stack">
      <details>
        <summary>{t("open.read")}</summary>
        <Prose text={inLanguage(agreement.text)} />
      </details>
      <div className="row">
        <input id={id} type="checkbox" checked={read} onChange={({ target }) => setRead(target.checked)} />
        <label htmlFor={id}>{t("open.haveRead")}</label>
      </div>
      <div>
        <Button type="primary" disabled={!read} onClick={() => act(open(t, agreement.text))}>
          {t("open.do")}
        </Button>
      </div>
    </div>
  );
}
