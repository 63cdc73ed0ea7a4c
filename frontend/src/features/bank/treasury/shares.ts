/** Shares of the vault: eight decimals, of which the vault's first deposit made one share of one yuan. */

import { grouped } from "../../../ui/format";

const SHARE = 100_000_000n;
const MICROS = 1_000_000n;

/** "20,000,000.0000", rounded down. */
export function sharesOf(shares: bigint | string): string {
  const value = BigInt(shares);
  return `${grouped(value / SHARE)}.${String(((value % SHARE) * 10_000n) / SHARE).padStart(4, "0")}`;
}

/** Yuan a share to six digits, rounded down; what nobody owns has no price. */
export function priceOf(assets: bigint, shares: bigint): string {
  if (shares === 0n) return "–";
  const micros = (assets * SHARE * MICROS) / (shares * 100n);
  return `¥${grouped(micros / MICROS)}.${String(micros % MICROS).padStart(6, "0")}`;
}

/** What shares are worth in fen, rounded down. */
export function valueOf(shares: bigint, assets: bigint, all: bigint): bigint {
  return all === 0n ? 0n : (shares * assets) / all;
}
