/** Is it financeable now: every figure of the offer, or the reason why there is none. */

import { Alert, Button, Card } from "antd";
import type { ReactNode } from "react";
import { type Failure, failureOf } from "../../chain/failures";
import { useChain, useWallet } from "../../chain/reader";
import { useApi } from "../../api/query";
import type { Receivable } from "../../api/schema";
import { useAct } from "../../ui/Actions";
import { Effects } from "../../ui/Effects";
import { FailureText } from "../../ui/FailureText";
import { Shown } from "../../ui/Shown";
import { ApiProblem } from "../../api/client";
import { useFailure } from "../../ui/useFailure";
import type { State } from "./facts";
import { type Quote, finance, quoteEffects, quoteOf, quoteOfAnswer } from "./payment";
import { useWords } from "./words";

export function Offer({ of }: { of: Receivable }) {
  const t = useWords();
  return (
    <Card title={<h2>{t("receivables:offer.title")}</h2>}>
      {OVER.includes(of.state) ? <p>{t("receivables:offer.over")}</p> : <Asked of={of} />}
    </Card>
  );
}

/** In these nothing is left to be financed, and nothing can be done about it. */
const OVER: readonly State[] = ["Settled", "Rejected", "Cancelled"];

function Asked({ of }: { of: Receivable }) {
  const { reader } = useWallet();
  if (reader) return <FromChain of={of} />;
  return of.state === "Confirmed" ? <FromService of={of} /> : <Unconfirmed />;
}

/** A refusal is an answer too, and not to be asked again and again. */
type Verdict = { quote: Quote } | { failure: Failure };

function FromChain({ of }: { of: Receivable }) {
  const t = useWords();
  const act = useAct();
  const { account } = useWallet();
  const found = useChain(["quote", of.id], (reader): Promise<Verdict> =>
    quoteOf(reader, of.id).then(
      (quote) => ({ quote }),
      async (error: unknown) => ({ failure: await failureOf(error) }),
    ),
  );
  return (
    <Shown of={found}>
      {(verdict) =>
        "failure" in verdict ? (
          <Refused failure={verdict.failure} />
        ) : (
          <Offered quote={verdict.quote} source={t("receivables:offer.fromChain")}>
            {account === of.holder ? (
              <Button type="primary" size="large" onClick={() => act(finance(t, of.id))}>
                {t("receivables:finance.button")}
              </Button>
            ) : (
              <p className="muted">{t("receivables:offer.holderOnly")}</p>
            )}
          </Offered>
        )
      }
    </Shown>
  );
}

function FromService({ of }: { of: Receivable }) {
  const t = useWords();
  const found = useApi("/v1/receivables/{receivable}/quote", { receivable: of.id });
  const refusal = useFailure(found.error instanceof ApiProblem && found.error.problem.status === 409 && found.error);
  if (refusal) return <Refused failure={refusal} />;
  return (
    <Shown of={found}>
      {(answer) => (
        <Offered quote={quoteOfAnswer(answer)} source={t("receivables:offer.fromService")}>
          <p className="muted">{t("receivables:offer.needWallet")}</p>
        </Offered>
      )}
    </Shown>
  );
}

/** What is not confirmed has no offer; without a wallet nobody is asked. */
function Unconfirmed() {
  const t = useWords();
  return <p>{t("receivables:offer.confirmedOnly")}</p>;
}

function Offered({ quote, source, children }: { quote: Quote; source: string; children: ReactNode }) {
  const t = useWords();
  return (
    <div className="stack" data-offer="open">
      <Alert type="success" showIcon title={t("receivables:offer.yes")} description={source} />
      <Effects of={quoteEffects(t, quote)} fee={undefined} />
      {children}
    </div>
  );
}

function Refused({ failure }: { failure: Failure }) {
  const t = useWords();
  return (
    <div data-offer="refused">
      <Alert
        type="warning"
        showIcon
        title={t("receivables:offer.no")}
        description={<FailureText failure={failure} />}
      />
    </div>
  );
}
