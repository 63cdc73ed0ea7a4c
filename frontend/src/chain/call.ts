/** A transaction as data, checked against the ABI where it is written. */

import type { Abi, ContractFunctionArgs, ContractFunctionName } from "viem";
import { type ContractName, contract } from "./suite";

type AbiOf<Name extends ContractName> = ReturnType<typeof contract<Name>>["abi"];
type Writing = "nonpayable" | "payable";

export interface Call {
  contract: ContractName;
  address: `0x${string}`;
  abi: Abi;
  functionName: string;
  args: readonly unknown[];
}

export function call<Name extends ContractName, Function extends ContractFunctionName<AbiOf<Name>, Writing>>(
  name: Name,
  functionName: Function,
  args: ContractFunctionArgs<AbiOf<Name>, Writing, Function>,
): Call {
  const { address, abi } = contract(name);
  return { contract: name, address, abi: abi as Abi, functionName, args: args as readonly unknown[] };
}
