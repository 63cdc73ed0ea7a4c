import { useTranslation } from "react-i18next";
import { formatEther } from "viem";
import type { Effect } from "../chain/send";

/** Words and figures of what is signed. */
export function Effects({ of, fee }: { of: readonly Effect[]; fee: bigint | undefined }) {
  const { t } = useTranslation();
  return (
    <table className="effects">
      <tbody>
        {of.map(({ label, value, direction, why }) => (
          <tr key={label}>
            <th scope="row">
              {label}
              {why && <span className="why">{why}</span>}
            </th>
            <td>
              {direction && <span className="muted">{t(`direction.${direction}`)} </span>}
              {value}
            </td>
          </tr>
        ))}
        {fee !== undefined && (
          <tr>
            <th scope="row">{t("send.gas")}</th>
            <td>{Number(formatEther(fee)).toPrecision(3)} ETH</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
