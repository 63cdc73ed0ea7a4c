/** What lies in a wallet that compliance replaced is brought to its successor: anybody may, and to no other wallet. */

import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Address, PublicClient } from "viem";
import { call } from "../chain/call";
import { useChain } from "../chain/reader";
import type { Effect } from "../chain/send";
import { contract } from "../chain/suite";
import { useAct } from "./Actions";

interface Props {
  of: "Receivables" | "Equipment";
  id: number;
  /** The wallet that holds it. */
  holder: string | null;
  title: string;
  /** What changes wallets, from the chain. */
  moved: (reader: PublicClient) => Promise<Effect>;
}

export function Recover({ of, id, holder, title, moved }: Props) {
  const { t } = useTranslation("common");
  const act = useAct();
  if (!useIsReplaced(holder)) return null;
  const token = BigInt(id);
  const prepare = async (reader: PublicClient) => {
    const from = await reader.readContract({ ...contract(of), functionName: "ownerOf", args: [token] });
    return {
      effects: [
        await moved(reader),
        { label: t("recover.from"), value: from },
        { label: t("recover.to"), value: await heirOf(reader, from), why: t("recover.toWhy") },
      ],
      call: call(of, "recover", [token]),
    };
  };
  return (
    <Alert
      type="warning"
      showIcon
      title={t("recover.why")}
      action={
        <Button type="primary" onClick={() => act({ title, prepare })}>
          {t("recover.move")}
        </Button>
      }
    />
  );
}

/** Whether compliance put another wallet in the place of this one. */
export function useIsReplaced(wallet: string | null): boolean {
  const heir = useChain(["heir", wallet], (reader) => heirOf(reader, wallet as Address), wallet !== null).data;
  return heir !== undefined && heir !== wallet;
}

/** The wallet that stands in the place of one that compliance replaced; itself if it was not. */
function heirOf(reader: PublicClient, wallet: Address): Promise<Address> {
  return reader.readContract({ ...contract("Participants"), functionName: "heirOf", args: [wallet] });
}
