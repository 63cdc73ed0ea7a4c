/** A merchant's own line: what it may draw, what it owes, and everything that can be done about it. */

import { Link } from "@tanstack/react-router";
import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import { useToldLine } from "../../api/told";
import { FailureText } from "../../ui/FailureText";
import { type Figure, Tiles } from "../../ui/Figures";
import { Money } from "../../ui/Money";
import { useAct } from "../../ui/Actions";
import { Shown } from "../../ui/Shown";
import { dateOfDay, money } from "../../ui/format";
import { Past } from "./Past";
import { CreditPage, Mine, Section } from "./Frame";
import { DrawForm, RepayForm } from "./Forms";
import { OpenLine } from "./OpenLine";
import { StatusTag } from "./StatusTag";
import { close } from "./actions";
import { fenUp, nextStatement } from "./arithmetic";
import { type ChainLine, type Verdict, type limitOf, type owedOf, statusOf, useLine } from "./chain";

type Owed = Awaited<ReturnType<typeof owedOf>>;
type Limit = Verdict<Awaited<ReturnType<typeof limitOf>>>;

export default function Overview() {
  const { t } = useTranslation("credit");
  return (
    <CreditPage title={t("title")}>
      <Mine>{(party) => <MyLine party={party} />}</Mine>
    </CreditPage>
  );
}

function MyLine({ party }: { party: number }) {
  const line = useLine(party);
  // The service knows of a line a moment later than the chain.
  const told = useToldLine(party).line.data;
  const past = told && <Past party={party} />;
  return (
    <Shown of={line}>
      {({ line, owed, limit }) => {
        const status = statusOf(line);
        if (status === "None") return <OpenLine party={party} />;
        if (status === "Closed" || status === "Recovered")
          return (
            <>
              <OpenLine party={party} />
              {past}
            </>
          );
        return (
          <>
            <Standing line={line} owed={owed} limit={limit} />
            <div className="halves">
              <DrawForm party={party} limit={limit} />
              <RepayForm party={party} total={owed.total} billed={owed.billed} said={told?.owed} />
            </div>
            {past}
            {status === "Open" && owed.total === 0n && <CloseLine party={party} />}
          </>
        );
      }}
    </Shown>
  );
}

function Standing({ line, owed, limit }: { line: ChainLine; owed: Owed; limit: Limit }) {
  const { t } = useTranslation("credit");
  const bill = nextStatement(line);
  const tiles: Figure[] = [
    [t("figure.limit"), <Money fen={limit.found?.limit ?? line.limit} />],
    [t("figure.drawn"), <Money fen={owed.principal} />],
    [t("figure.available"), <Money fen={limit.found?.available ?? 0n} />],
    [t("figure.owed"), <Money fen={owed.total} />],
    [t("figure.perDay"), <Money fen={fenUp(line.perDay)} />],
    [t("figure.status"), <StatusTag status={statusOf(line)} frozen={line.frozen} />],
  ];
  return (
    <>
      <Tiles of={tiles} />
      <ul className="facts">
        <li>
          {t("facts.owed", {
            principal: money(owed.principal),
            interest: money(owed.interest),
            late: money(owed.late),
          })}
        </li>
        {owed.billed > owed.overdue && (
          <li>{t("facts.billed", { amount: money(owed.billed - owed.overdue), day: dateOfDay(owed.payDay) })}</li>
        )}
        {owed.principal > 0n && (
          <li>
            {t("facts.next", {
              day: dateOfDay(line.nextCloseDay),
              interest: money(bill.interest),
              principal: money(bill.principal),
              payBy: dateOfDay(line.nextCloseDay + line.dueDays),
            })}
          </li>
        )}
        <li>{t("facts.maturity", { day: dateOfDay(line.maturityDay) })}</li>
      </ul>
      {owed.overdue > 0n && <Alert type="error" showIcon title={t("facts.overdue", { amount: money(owed.overdue) })} />}
      {limit.failure && (
        <Alert
          type="warning"
          showIcon
          title={t("facts.noDraw")}
          description={<FailureText failure={limit.failure} />}
        />
      )}
      <p>
        <Link to={"/credit/limit" as string}>{t("facts.limitLink")}</Link>
      </p>
    </>
  );
}

function CloseLine({ party }: { party: number }) {
  const { t } = useTranslation("credit");
  const act = useAct();
  return (
    <Section title={t("close.title")}>
      <p>{t("close.about")}</p>
      <div>
        <Button onClick={() => act(close(t, party))}>{t("close.do")}</Button>
      </div>
    </Section>
  );
}
