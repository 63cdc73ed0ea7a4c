/** The demo's own bar: a marked wallet with a switcher of roles and a source of money. */

import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { encodeFunctionData, toHex } from "viem";
import { useConnect, useConnection, useConnectors } from "wagmi";
import { queries } from "../api/query";
import { contract } from "../chain/suite";
import { useInLanguage } from "../text";
import { Choice } from "../ui/Choice";
import { actAs, node, people, useDemoAccount } from "./wallet";

const GIFT_FEN = 100_000_00n;
const GAS = 10n ** 18n;

export default function DemoBar() {
  const { t } = useTranslation();
  const inLanguage = useInLanguage();
  const account = useDemoAccount();
  const { status } = useConnection();
  const connect = useConnect();
  const connector = useConnectors().find(({ id }) => id === "demo.heqi");
  const [given, setGiven] = useState(false);
  const choose = (next: `0x${string}`) => {
    setGiven(false);
    actAs(next);
    if (status !== "connected" && connector) connect.mutate({ connector });
  };
  const give = async () => {
    if (!account) return;
    await node("anvil_setBalance", [account, toHex(GAS)]);
    const cash = contract("MockCash");
    const data = encodeFunctionData({ abi: cash.abi, functionName: "mint", args: [account, GIFT_FEN] });
    await node("eth_sendTransaction", [{ from: account, to: cash.address, data }]);
    setGiven(true);
    await queries.invalidateQueries();
  };
  return (
    <div className="bar demo" role="region" aria-label={t("wallet.demo")}>
      <strong>{t("wallet.demo")}</strong>
      <span className="muted">{t("wallet.demoMark")}</span>
      <Choice
        label={t("wallet.role")}
        value={account ?? ""}
        choose={(next) => next && choose(next)}
        of={[["", t("wallet.role")], ...people.map((person) => [person.account, inLanguage(person)] as const)]}
      />
      <Button disabled={!account} onClick={() => void give()}>
        {t("wallet.faucet")}
      </Button>
      <output>{given && t("send.confirmed")}</output>
    </div>
  );
}
