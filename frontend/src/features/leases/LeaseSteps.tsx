/** What can be done with a lease now: by me, and by the others. */

import { Empty } from "antd";
import { useTranslation } from "react-i18next";
import { useMe } from "../../api/me";
import type { LeaseDetail } from "../../api/schema";
import { useWallet } from "../../chain/reader";
import { ConnectButton } from "../../ui/Connect";
import { StepForm } from "./StepForm";
import { mayTake, stepsOf } from "./steps";

export function LeaseSteps({ lease }: { lease: LeaseDetail }) {
  const { t } = useTranslation(["leases", "common"]);
  const me = useMe();
  const { account } = useWallet();
  const steps = stepsOf(lease, t);
  const mine = steps.filter(({ by }) => mayTake(by, lease, me, account));
  const others = steps.filter((step) => !mine.includes(step));
  if (steps.length === 0) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("leases:steps.none")} />;
  return (
    <div className="stack">
      {!account && (
        <div className="row">
          <span>{t("leases:steps.connect")}</span>
          <ConnectButton />
        </div>
      )}
      {mine.length > 0 && (
        <div className="grid wide">
          {mine.map((step) => (
            <StepForm key={`${step.name}-${step.begin?.amount ?? ""}`} step={step} />
          ))}
        </div>
      )}
      {others.length > 0 && (
        <section>
          <h2>{t("leases:steps.others")}</h2>
          <ul>
            {others.map(({ name, by, title, why }) => (
              <li key={name}>
                <strong>{t(`leases:by.${by}`)}</strong>: {title} – <span className="muted">{why}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
