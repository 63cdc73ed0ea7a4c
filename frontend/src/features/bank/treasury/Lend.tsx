/** Lenders enter at the value before impairment and leave at the value after it. */

import { useTranslation } from "react-i18next";
import { useMe } from "../../../api/me";
import { call } from "../../../chain/call";
import { useChain, useWallet } from "../../../chain/reader";
import { contract } from "../../../chain/suite";
import { useAct } from "../../../ui/Actions";
import { Figures } from "../../../ui/Figures";
import { Shown } from "../../../ui/Shown";
import { money } from "../../../ui/format";
import { AmountForm } from "./AmountForm";
import { sharesOf } from "./shares";
import { requireVerified } from "./verified";

export function LenderForms() {
  const { t } = useTranslation(["bank", "common"]);
  const { account } = useWallet();
  const me = useMe();
  const deposit = useDeposit();
  const withdraw = useWithdraw();
  const barred = account ? undefined : t("common:send.needWallet");
  return (
    <div className="stack">
      {account && <Mine account={account} />}
      <AmountForm
        label={t("treasury.deposit")}
        button={t("treasury.deposit")}
        barred={barred ?? (me?.roles.includes("lender") ? undefined : t("treasury.onlyLenders"))}
        act={deposit}
      />
      <AmountForm label={t("treasury.withdraw")} button={t("treasury.withdraw")} barred={barred} act={withdraw} />
    </div>
  );
}

function Mine({ account }: { account: `0x${string}` }) {
  const { t } = useTranslation("bank");
  const mine = useChain(["lender"], async (reader) => {
    const treasury = contract("Treasury");
    const args = [account] as const;
    const [shares, most, cash] = await Promise.all([
      reader.readContract({ ...treasury, functionName: "balanceOf", args }),
      reader.readContract({ ...treasury, functionName: "maxWithdraw", args }),
      reader.readContract({ ...contract("MockCash"), functionName: "balanceOf", args }),
    ]);
    const worth = await reader.readContract({ ...treasury, functionName: "previewRedeem", args: [shares] });
    return { shares, most, cash, worth };
  });
  return (
    <Shown of={mine}>
      {({ shares, most, cash, worth }) => (
        <Figures
          of={[
            [t("treasury.mine.shares"), sharesOf(shares)],
            [t("treasury.mine.worth"), money(worth), t("treasury.why.exit")],
            [t("treasury.mine.most"), money(most), t("treasury.why.most")],
            [t("treasury.mine.cash"), money(cash)],
          ]}
        />
      )}
    </Shown>
  );
}

function useDeposit() {
  const { t } = useTranslation("bank");
  const act = useAct();
  return (amount: bigint, done: () => void) =>
    act({
      done,
      title: t("treasury.depositTitle"),
      prepare: async (reader, account) => {
        await requireVerified(reader, account, "lender");
        const treasury = contract("Treasury");
        const shares = await reader.readContract({ ...treasury, functionName: "previewDeposit", args: [amount] });
        const worth = await reader.readContract({ ...treasury, functionName: "previewRedeem", args: [shares] });
        return {
          effects: [
            { label: t("treasury.youPay"), value: money(amount), direction: "out" },
            { label: t("treasury.youGetShares"), value: sharesOf(shares), why: t("treasury.why.entry") },
            { label: t("treasury.worthNow"), value: money(worth), why: t("treasury.why.exit") },
            { label: t("treasury.risk"), value: t("treasury.riskIs"), why: t("treasury.why.risk") },
          ],
          call: call("Treasury", "deposit", [amount, account]),
          pays: { spender: "Treasury", amount, by: "allowance" },
        };
      },
    });
}

function useWithdraw() {
  const { t } = useTranslation("bank");
  const act = useAct();
  return (amount: bigint, done: () => void) =>
    act({
      done,
      title: t("treasury.withdrawTitle"),
      prepare: async (reader, account) => {
        const treasury = contract("Treasury");
        const [burnt, held] = await Promise.all([
          reader.readContract({ ...treasury, functionName: "previewWithdraw", args: [amount] }),
          reader.readContract({ ...treasury, functionName: "balanceOf", args: [account] }),
        ]);
        const left = held > burnt ? held - burnt : 0n;
        return {
          effects: [
            { label: t("treasury.youGet"), value: money(amount), direction: "in", why: t("treasury.why.exit") },
            { label: t("treasury.youGiveShares"), value: sharesOf(burnt), why: t("treasury.why.burnt") },
            { label: t("treasury.left"), value: sharesOf(left) },
          ],
          call: call("Treasury", "withdraw", [amount, account, account]),
        };
      },
    });
}
