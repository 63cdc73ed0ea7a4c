/** Links to what the explorer of the dApp shows, and hashes that can be copied. */

import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { nameOf } from "../chain/deployment";
import { shortHash } from "./format";

export function TransactionLink({ hash }: { hash: string }) {
  return (
    <Link className="mono" to={`/tx/${hash}` as string} title={hash}>
      {shortHash(hash)}
    </Link>
  );
}

export function AddressLink({ address }: { address: string }) {
  return (
    <Link className="mono" to={`/address/${address}` as string} title={address}>
      {nameOf(address) ?? shortHash(address)}
    </Link>
  );
}

export function BlockLink({ block }: { block: number | string }) {
  return (
    <Link className="mono" to={`/block/${block}` as string}>
      {block}
    </Link>
  );
}

export function PartyLink({ party }: { party: number | null | undefined }) {
  const { t } = useTranslation();
  if (!party) return <span className="muted">–</span>;
  return <Link to={`/parties/${party}` as string}>{t("party", { party })}</Link>;
}

/** A hash or address, shortened, with a button that copies all of it. */
export function Copyable({ text }: { text: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <span className="row">
      <span className="mono" title={text}>
        {shortHash(text)}
      </span>
      <Button size="small" onClick={() => void copy()}>
        {t(copied ? "copied" : "copy")}
      </Button>
    </span>
  );
}
