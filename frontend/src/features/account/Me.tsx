/** Who the wallet is: party, roles, identity check; and how to be admitted. */

import { useTranslation } from "react-i18next";
import { formatEther } from "viem";
import { useApi } from "../../api/query";
import { useMe, type Me as Known } from "../../api/me";
import { useChain, useWallet } from "../../chain/reader";
import { contract } from "../../chain/suite";
import { ConnectButton } from "../../ui/Connect";
import { Figures } from "../../ui/Figures";
import { Money } from "../../ui/Money";
import { Shown } from "../../ui/Shown";
import { time } from "../../ui/format";
import { Copyable } from "../../ui/links";
import { Frame } from "./Frame";

export default function Me() {
  const { t } = useTranslation(["account", "common"]);
  const { account, standing } = useWallet();
  const me = useMe();
  return (
    <Frame title={t("account:me.title")}>
      {standing === "disconnected" && (
        <>
          <p>{t("common:send.needWallet")}</p>
          <div>
            <ConnectButton />
          </div>
        </>
      )}
      {account && <Wallet account={account} />}
      {me && me.offices.length > 0 && (
        <Figures of={[[t("account:me.offices"), me.offices.map((one) => t(`account:me.office.${one}`)).join(" · ")]]} />
      )}
      {me && (me.party ? <Party me={me} /> : <Admission />)}
      {standing === "disconnected" && <Admission />}
    </Frame>
  );
}

function Wallet({ account }: { account: `0x${string}` }) {
  const { t } = useTranslation("account");
  const balances = useChain(["balances"], async (reader) => {
    const [cash, gas] = await Promise.all([
      reader.readContract({ ...contract("MockCash"), functionName: "balanceOf", args: [account] }),
      reader.getBalance({ address: account }),
    ]);
    return { cash, gas };
  });
  return (
    <Shown of={balances}>
      {({ cash, gas }) => (
        <Figures
          of={[
            [t("me.wallet"), <Copyable key="wallet" text={account} />],
            [t("me.balance"), <Money key="cash" fen={cash} />],
            [t("me.gasBalance"), `${Number(formatEther(gas)).toFixed(4)} ETH`],
          ]}
        />
      )}
    </Shown>
  );
}

function Party({ me }: { me: Known }) {
  const { t } = useTranslation("account");
  const party = useApi("/v1/parties/{party}", { party: me.party });
  const { data: block } = useChain(["now"], (reader) => reader.getBlock());
  const expired = block !== undefined && me.validUntil <= Number(block.timestamp);
  return (
    <>
      {me.frozen && <p role="alert">{t("me.frozen")}</p>}
      <Figures
        of={[
          [t("me.party"), me.party],
          [t("me.roles"), me.roles.map((role) => t(`me.role.${role}`)).join(" · ")],
          [t("me.kyc"), t(expired ? "me.expired" : "me.valid", { date: time(me.validUntil) })],
        ]}
      />
      <Shown of={party}>
        {({ kycHash, admittedAt, exposure }) => (
          <Figures
            of={[
              [t("me.file"), <Copyable key="hash" text={kycHash} />],
              [t("me.admitted"), admittedAt ? time(admittedAt) : "–"],
              [t("me.exposure"), <Money key="exposure" fen={exposure.outstanding} />],
            ]}
          />
        )}
      </Shown>
    </>
  );
}

function Admission() {
  const { t } = useTranslation("account");
  return (
    <section className="stack">
      <p>{t("me.none")}</p>
      <h2>{t("me.how")}</h2>
      <ol>
        <li>{t("me.steps.one")}</li>
        <li>{t("me.steps.two")}</li>
        <li>{t("me.steps.three")}</li>
      </ol>
    </section>
  );
}
