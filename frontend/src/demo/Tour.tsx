/** The demo's five minutes: each step takes on a role and opens the page. */

import { useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useConnect, useConnection, useConnectors } from "wagmi";
import { actAs, people } from "./wallet";

const STEPS = [
  ["finance", "Mingda", "/receivables", { mine: true, state: "Confirmed" }],
  ["draw", "Linxi", "/credit", {}],
  ["fence", "risk officer", "/leases/fleet", {}],
] as const;

export default function Tour() {
  const { t } = useTranslation("account");
  const navigate = useNavigate();
  const { status } = useConnection();
  const connect = useConnect();
  const connector = useConnectors().find(({ id }) => id === "demo.heqi");
  const begin = (name: string, path: string, search: object) => {
    const person = people.find(({ en }) => en.includes(name));
    if (person) actAs(person.account);
    if (status !== "connected" && connector) connect.mutate({ connector });
    void navigate({ to: path, search: search as never });
  };
  return (
    <section className="tile stack" aria-labelledby="tour">
      <h2 id="tour">{t("tour.title")}</h2>
      <p>{t("tour.intro")}</p>
      <ol className="stack">
        {STEPS.map(([step, name, path, search]) => (
          <li key={step}>
            <Button onClick={() => begin(name, path, search)}>{t(`tour.${step}`)}</Button>
          </li>
        ))}
      </ol>
    </section>
  );
}
