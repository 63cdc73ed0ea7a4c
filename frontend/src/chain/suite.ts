/** Contracts by name: address of the deployment, ABI of the build. */

import { addressOf, deployment } from "./deployment";
import {
  authorityAbi,
  creditLineAbi,
  creditOracleAbi,
  deviceOracleAbi,
  equipmentAbi,
  equipmentLeaseAbi,
  factoringAbi,
  leaseFinanceAbi,
  mockCashAbi,
  participantsAbi,
  receivablesAbi,
  rentLedgerAbi,
  riskPolicyAbi,
  treasuryAbi,
} from "./abi";

const ABIS = {
  Authority: authorityAbi,
  CreditLine: creditLineAbi,
  CreditOracle: creditOracleAbi,
  DeviceOracle: deviceOracleAbi,
  Equipment: equipmentAbi,
  EquipmentLease: equipmentLeaseAbi,
  Factoring: factoringAbi,
  LeaseFinance: leaseFinanceAbi,
  MockCash: mockCashAbi,
  Participants: participantsAbi,
  Receivables: receivablesAbi,
  RentLedger: rentLedgerAbi,
  RiskPolicy: riskPolicyAbi,
  Treasury: treasuryAbi,
} as const;

export type ContractName = keyof typeof ABIS;

/** `{ address, abi }` of a contract, as viem and wagmi take them. */
export function contract<Name extends ContractName>(name: Name) {
  return { address: addressOf(name), abi: ABIS[name] } as const;
}

/** The contracts that are deployed, for whoever decodes what others called. */
export const deployed = Object.keys(deployment.contracts).filter((name): name is ContractName => name in ABIS);
