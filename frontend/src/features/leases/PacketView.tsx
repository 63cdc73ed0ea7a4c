/** Terms that wait for signatures: everything in words, both signatures checked, and the next step. */

import { useNavigate } from "@tanstack/react-router";
import { Alert, Button, Card } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PublicClient } from "viem";
import { signTypedData } from "viem/actions";
import { useConnectorClient } from "wagmi";
import { useMe } from "../../api/me";
import { call } from "../../chain/call";
import { FiguresDiffer } from "../../chain/failures";
import { useChain, useWallet } from "../../chain/reader";
import type { Action } from "../../chain/send";
import { contract } from "../../chain/suite";
import { useAct } from "../../ui/Actions";
import { ConnectButton } from "../../ui/Connect";
import { FailureText } from "../../ui/FailureText";
import { Figures } from "../../ui/Figures";
import { download } from "../../ui/csv";
import { money, time } from "../../ui/format";
import { Copyable, PartyLink } from "../../ui/links";
import { useFailure } from "../../ui/useFailure";
import { SiteMap } from "./SiteMap";
import { TermsTable } from "./TermsTable";
import { hashOfAnnex } from "./hash";
import { MachineLink } from "./links";
import type { Translate } from "./steps";
import { type Packet, type Side, type Signed, type Terms, digestOf, shownTerms, typedTerms, written } from "./terms";

const SIDES: readonly Side[] = ["lessor", "lessee"];

interface Props {
  packet: Packet;
  change: (packet: Packet) => void;
  leave: () => void;
}

export function PacketView({ packet, change, leave }: Props) {
  const { t } = useTranslation("leases");
  const { terms, annex } = packet;
  return (
    <div className="stack">
      <div className="grid wide">
        <Card size="small" title={t("terms.title")}>
          <Figures
            of={[
              [t("column.machine"), <MachineLink key="machine" machine={terms.machine} />],
              [t("column.lessor"), <PartyLink key="lessor" party={terms.lessor} />],
              [t("column.lessee"), <PartyLink key="lessee" party={terms.lessee} />],
              [t("sign.deadline"), time(terms.deadline), t("sign.deadlineWhy")],
            ]}
          />
          <TermsTable terms={shownTerms(terms)} />
        </Card>
        <Card size="small" title={t("sign.checks")}>
          <Checks packet={packet} />
          <SiteMap annex={annex} label={t("sign.region")} />
        </Card>
      </div>
      <Signing packet={packet} change={change} />
      <div>
        <Button onClick={leave}>{t("sign.leave")}</Button>
      </div>
    </div>
  );
}

/** The digest of this page and of the contract, and the annex that the terms name. */
function Checks({ packet: { terms, annex } }: { packet: Packet }) {
  const { t } = useTranslation("leases");
  const own = digestOf(terms);
  const found = useChain(["terms", own], (reader) => digestOnChain(reader, terms));
  const fits = hashOfAnnex(annex) === terms.rulesHash;
  const says = found.data === undefined ? t("sign.needWallet") : t(found.data === own ? "sign.same" : "sign.differs");
  return (
    <Figures
      of={[
        [t("sign.digest"), <Copyable key="digest" text={own} />, t("sign.digestWhy")],
        [t("sign.digestOnChain"), says],
        [t("sign.annex"), t(fits ? "sign.annexFits" : "sign.annexDiffers"), t("terms.rulesHashWhy")],
        [t("terms.documentHash"), <Copyable key="document" text={terms.documentHash} />, t("sign.documentWhy")],
      ]}
    />
  );
}

function digestOnChain(reader: PublicClient, terms: Terms) {
  return reader.readContract({ ...contract("EquipmentLease"), functionName: "termsDigest", args: [terms] });
}

function Signing({ packet, change }: { packet: Packet; change: (packet: Packet) => void }) {
  const { t } = useTranslation(["leases", "common"]);
  const [copied, setCopied] = useState(false);
  const { reader, account } = useWallet();
  const { data: client } = useConnectorClient();
  const me = useMe();
  const act = useAct();
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>();
  const failure = useFailure(error);
  const { terms, signed } = packet;
  const side = SIDES.find((one) => me?.party === terms[one]);
  const both = signed.lessor && signed.lessee ? { lessor: signed.lessor, lessee: signed.lessee } : undefined;
  const sign = async () => {
    if (!reader || !account || !client || !side) return;
    setError(undefined);
    try {
      await requireSound(reader, packet, t);
      const signature = await signTypedData(client, { account, ...typedTerms(terms) });
      change({ ...packet, signed: { ...signed, [side]: { wallet: account, signature } } });
    } catch (failed) {
      setError(failed);
    }
  };
  const copy = async () => {
    await navigator.clipboard.writeText(written(packet));
    setCopied(true);
  };
  const done = () => void navigate({ to: "/leases" as string });
  return (
    <Card size="small" title={t("leases:sign.signatures")}>
      <div className="stack">
        {SIDES.map((one) => (
          <Signature key={one} side={one} packet={packet} />
        ))}
        {!account && (
          <div className="row">
            {t("leases:sign.connect")} <ConnectButton />
          </div>
        )}
        {account && !side && <p>{t("leases:sign.neither", { lessor: terms.lessor, lessee: terms.lessee })}</p>}
        <div className="row">
          {side && !signed[side] && (
            <Button type="primary" onClick={() => void sign()}>
              {t(`leases:sign.as.${side}`)}
            </Button>
          )}
          {both && (
            <Button type="primary" onClick={() => act({ ...relaying(packet, both, t), done })}>
              {t("leases:sign.relay")}
            </Button>
          )}
          <Button onClick={() => void copy()}>{t(copied ? "common:copied" : "leases:sign.copy")}</Button>
          <Button
            onClick={() => download(`lease-of-machine-${terms.machine}.json`, written(packet), "application/json")}
          >
            {t("leases:sign.save")}
          </Button>
        </div>
        {!both && <p className="muted">{t("leases:sign.handOver")}</p>}
        {failure && (
          <Alert
            type="error"
            showIcon
            title={t("common:send.failed")}
            description={<FailureText failure={failure} />}
          />
        )}
      </div>
    </Card>
  );
}

/** Nothing is signed whose digest the contract computes otherwise, or whose annex is another one's. */
async function requireSound(reader: PublicClient, { terms, annex }: Packet, t: Translate): Promise<void> {
  const found = await digestOnChain(reader, terms);
  if (found !== digestOf(terms)) throw new FiguresDiffer(t("leases:sign.digest"), digestOf(terms), found);
  const named = hashOfAnnex(annex);
  if (named !== terms.rulesHash) throw new FiguresDiffer(t("leases:sign.annex"), named, terms.rulesHash);
}

/** Whether a signature is there, and is that wallet's over these very terms. */
function Signature({ side, packet: { terms, signed } }: { side: Side; packet: Packet }) {
  const { t } = useTranslation("leases");
  const given = signed[side];
  const valid = useChain(
    ["signature", side, given?.wallet, given?.signature, digestOf(terms)],
    async (reader) => {
      const { wallet, signature } = given!;
      const [isTheirs, party] = await Promise.all([
        reader.verifyTypedData({ address: wallet, signature, ...typedTerms(terms) }),
        reader.readContract({ ...contract("Participants"), functionName: "partyOf", args: [wallet] }),
      ]);
      return isTheirs && party === terms[side];
    },
    !!given,
  );
  const state = !given ? "missing" : valid.data === undefined ? "unchecked" : valid.data ? "valid" : "invalid";
  const type = ({ missing: "info", unchecked: "info", valid: "success", invalid: "error" } as const)[state];
  return (
    <Alert
      type={type}
      showIcon
      title={`${t(`column.${side}`)} · ${t("party", { party: terms[side] })}: ${t(`sign.state.${state}`)}`}
      description={given && <span className="mono">{given.wallet}</span>}
    />
  );
}

function relaying(packet: Packet, { lessor, lessee }: Record<Side, Signed>, t: Translate): Action {
  const { terms } = packet;
  return {
    title: t("leases:sign.relay"),
    prepare: async (reader) => {
      await requireSound(reader, packet, t);
      const held = await reader.readContract({
        ...contract("Equipment"),
        functionName: "ownerOf",
        args: [BigInt(terms.machine)],
      });
      const perPeriod = t("leases:why.perPeriod", { days: terms.periodDays });
      return {
        effects: [
          {
            label: t("leases:column.machine"),
            value: String(terms.machine),
            why: t("leases:sign.titleWith", { held }),
          },
          { label: t("leases:effect.atLeast"), value: money(terms.minimum), why: perPeriod },
          { label: t("leases:effect.atMost"), value: money(terms.cap), why: perPeriod },
          { label: t("leases:terms.deposit"), value: money(terms.deposit), why: t("leases:terms.depositWhy") },
          { label: t("leases:effect.title"), value: t("leases:sign.bound"), why: t("leases:sign.boundWhy") },
        ],
        call: call("EquipmentLease", "sign", [terms, lessor.wallet, lessor.signature, lessee.wallet, lessee.signature]),
      };
    },
  };
}
