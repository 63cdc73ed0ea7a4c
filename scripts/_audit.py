"""Compare a deployment with its record, the plan and the parameters, by what the chain itself says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak
from pydantic.alias_generators import to_camel

from backend.chain import abi
from backend.chain.contracts import Suite
from backend.chain.rpc import Rpc
from scripts import plan
from scripts._artifacts import Artifacts, without_metadata
from scripts._record import Record

BLOCKS_PER_REQUEST = 10_000  # what hosted nodes allow in one search for logs


@dataclass(frozen=True, slots=True)
class Row:
    """One compared fact."""

    subject: str
    expected: Any
    found: Any

    @property
    def deviates(self) -> bool:
        return self.expected != self.found


def rows(rpc: Rpc, record: Record, artifacts: Artifacts, parameters: plan.Parameters) -> Iterator[Row]:
    """Every fact of the deployment; only the contracts' own where one of them is missing or not what it should be."""
    expected_names = sorted(contract.name for contract in plan.CONTRACTS)
    yield (complete := Row("contracts in the record", expected_names, sorted(record.contracts)))
    if complete.deviates:
        return
    auditor = _Auditor(rpc, record, artifacts, parameters)
    created = list(auditor.creation())
    yield from created
    if any(row.deviates for row in created):
        return
    yield from auditor.authority()
    yield from auditor.functions()
    yield from auditor.roles()
    yield from auditor.oracle()
    yield from auditor.connections()
    yield from auditor.terms()
    yield from auditor.lines()
    yield from auditor.leases()


def creation_rows(
    rpc: Rpc, artifacts: Artifacts, name: str, entry: Mapping[str, Any], arguments: Sequence[Any]
) -> Iterator[Row]:
    """The creating transaction proves artifact and arguments at once, immutables included; the code hash its result."""
    code = rpc.call("eth_getCode", entry["address"], "latest")
    yield Row(f"{name} code", entry["codeHash"], "0x" + keccak(hexstr=code).hex() if code != "0x" else "no code")
    created = rpc.call("eth_getTransactionReceipt", entry["transaction"]) or {}
    address = created.get("contractAddress") or "no creation"
    yield Row(f"{name} created in {entry['transaction']}", entry["address"].lower(), address.lower())
    sent = bytes.fromhex((rpc.call("eth_getTransactionByHash", entry["transaction"]) or {"input": "0x"})["input"][2:])
    creation = artifacts.creation_code(name)
    program = without_metadata(creation)
    yield Row(f"{name} program", "as compiled", "as compiled" if sent.startswith(program) else "another program")
    constructor = artifacts.encode_constructor(name, arguments)
    yield Row(f"{name} constructor arguments", constructor.hex(), sent[len(creation) :].hex())


class _Auditor:
    def __init__(self, rpc: Rpc, record: Record, artifacts: Artifacts, parameters: plan.Parameters) -> None:
        self._rpc = rpc
        self._record = record
        self._artifacts = artifacts
        self._parameters = parameters
        self._suite = Suite(record.content, artifacts.abis())
        self._addresses = self._suite.addresses
        self._managed = [contract.name for contract in plan.CONTRACTS if plan.AUTHORITY in contract.arguments]

    def creation(self) -> Iterator[Row]:
        known = self._addresses | {plan.DEPLOYER.of: self._record.deployer}
        for contract in plan.CONTRACTS:
            if contract.name == plan.CASH.of and self._parameters.cash:
                yield Row(f"{contract.name} address", self._parameters.cash, self._addresses[contract.name])
                continue
            arguments = plan.constructor_arguments(contract, self._parameters, known)
            entry = self._record.contracts[contract.name]
            yield from creation_rows(self._rpc, self._artifacts, contract.name, entry, arguments)

    def authority(self) -> Iterator[Row]:
        authority = self._addresses[plan.AUTHORITY.of]
        for name in self._managed:
            target = self._addresses[name]
            yield Row(f"{name} authority", authority, self._call(name, "authority"))
            yield Row(f"{name} closed", False, self._call(plan.AUTHORITY.of, "isTargetClosed", target))
            yield Row(f"{name} authority delay", 0, self._call(plan.AUTHORITY.of, "getTargetAdminDelay", target))

    def functions(self) -> Iterator[Row]:
        """Of every function that changes something: one that nobody may call needs a role as little as one all may."""
        planned = {
            (contract, function): role
            for role in plan.ROLES
            for contract, functions in role.functions.items()
            for function in functions
        }
        names = {role.id: role.name for role in plan.ROLES}
        for contract in self._managed:
            for entry in self._artifacts.abi(contract):
                if entry["type"] != "function" or entry["stateMutability"] in {"view", "pure"}:
                    continue
                expected = planned.get((contract, entry["name"]), plan.ROLE_BY_NAME["admin"]).name
                selector = abi.selector_of(entry)
                found = self._call(plan.AUTHORITY.of, "getTargetFunctionRole", self._addresses[contract], selector)
                yield Row(f"{contract}.{entry['name']} role", expected, names.get(found, found))

    def roles(self) -> Iterator[Row]:
        granted = self._granted()
        for role in plan.ROLES:
            officers = self._parameters.officers[role.name]
            expected = {account: self._parameters.delay_of(role) for account in officers}
            accounts = sorted({*officers, *granted.get(role.id, ())})
            access = {account: self._delay_in_role(role, account) for account in accounts}
            found = {account: delay for account, delay in access.items() if delay is not None}
            yield Row(f"role {role.name}: members and delays", expected, found)
            guardian = plan.ROLE_BY_NAME[role.guardian].id if role.guardian else plan.ADMIN_ID
            yield Row(
                f"role {role.name}: guardian", guardian, self._call(plan.AUTHORITY.of, "getRoleGuardian", role.id)
            )
            admin = self._call(plan.AUTHORITY.of, "getRoleAdmin", role.id)
            yield Row(f"role {role.name}: administrator", plan.ADMIN_ID, admin)
        yield Row("roles with members", {role.id for role in plan.ROLES}, set(granted))

    def oracle(self) -> Iterator[Row]:
        expected = {"signers": sorted(self._parameters.signers), "threshold": self._parameters.threshold}
        for oracle in (plan.ORACLE.of, plan.DEVICES.of):
            last = self._logs(oracle, "SignersChanged")[-1:]
            found = {"signers": sorted(last[0]["signers"]), "threshold": last[0]["threshold"]} if last else None
            yield Row(f"{oracle} signers", expected, found)
        for model in self._parameters.models:
            expected = {
                "hash": "0x" + model.content_hash().hex(),
                "registered": True,
                "approved": True,
                "retired": False,
            }
            yield Row(f"model {model.id} {model.name}", expected, self._call(plan.ORACLE.of, "models", model.id))
        registered = [log["modelId"] for log in self._logs(plan.ORACLE.of, "ModelRegistered")]
        yield Row("models registered", [model.id for model in self._parameters.models], registered)

    def connections(self) -> Iterator[Row]:
        factoring, cash = self._addresses[plan.FACTORING.of], self._addresses[plan.CASH.of]
        currencies = [log["token"] for log in self._logs(plan.RECEIVABLES.of, "CurrencyAllowed")]
        yield Row("currencies of Receivables", [cash], currencies)
        lienors = [log["product"] for log in self._logs(plan.RECEIVABLES.of, "LienorAllowed")]
        yield Row("lienors of Receivables", [factoring], lienors)
        products = [log["product"] for log in self._logs(plan.TREASURY.of, "ProductAllowed")]
        leases, loans = self._addresses[plan.LEASES.of], self._addresses[plan.LEASE_FINANCE.of]
        yield Row("products of Treasury", [factoring, self._addresses[plan.CREDIT_LINE.of], loans], products)
        lienors = [log["lienor"] for log in self._logs(plan.EQUIPMENT.of, "MachineLienorAllowed")]
        yield Row("lienors of Equipment", [leases], lienors)
        yield Row("lease contract of RentLedger", leases, self._call(plan.RENT_LEDGER.of, "leaseContract"))
        assignees = [log["assignee"] for log in self._logs(plan.RENT_LEDGER.of, "AssigneeAllowed")]
        yield Row("assignees of RentLedger", [loans], assignees)

    def terms(self) -> Iterator[Row]:
        names = [to_camel(name) for name in plan.Terms.model_fields]
        for product, number in plan.PRODUCTS.items():
            for grade, terms in enumerate(self._parameters.terms_of(product)):
                expected = dict(zip(names, terms.as_struct() if terms else (False, *[0] * 6), strict=True))
                found = self._call(plan.POLICY.of, "termsOf", number, grade)
                yield Row(f"{product} terms of grade {grade}", expected, found)

    def lines(self) -> Iterator[Row]:
        conditions = self._parameters.lines
        names = [to_camel(name) for name in plan.LineConditions.model_fields if name != "agreement"]
        expected = dict(zip((*names, "agreementHash"), conditions.as_struct(), strict=True))
        expected["agreementHash"] = "0x" + expected["agreementHash"].hex()
        yield Row("conditions of lines", expected, self._call(plan.CREDIT_LINE.of, "conditions"))

    def leases(self) -> Iterator[Row]:
        names = [to_camel(name) for name in plan.LeaseConditions.model_fields]
        expected = dict(zip(names, self._parameters.leases.as_struct(), strict=True))
        yield Row("conditions of loans on leases", expected, self._call(plan.LEASE_FINANCE.of, "conditions"))

    def _delay_in_role(self, role: plan.Role, account: str) -> int | None:
        """The delay in force or about to be; None for an account without the role."""
        access = self._call(plan.AUTHORITY.of, "getAccess", role.id, account)
        if access["since"] == 0:
            return None
        return access["pendingDelay"] if access["effect"] else access["currentDelay"]

    def _granted(self) -> dict[int, set[str]]:
        """Every account that was ever given a role, by role."""
        found: dict[int, set[str]] = {}
        for log in self._logs(plan.AUTHORITY.of, "RoleGranted"):
            found.setdefault(log["roleId"], set()).add(log["account"])
        return found

    def _logs(self, contract: str, event: str) -> list[dict[str, Any]]:
        entry = self._suite.events(contract)[event]
        wanted = {"address": self._addresses[contract], "topics": [abi.topic_of(entry)]}
        first, head = self._record.content["startBlock"], self._rpc.header("latest").number
        found: list[dict[str, Any]] = []
        for start in range(first, head + 1, BLOCKS_PER_REQUEST):
            end = min(start + BLOCKS_PER_REQUEST - 1, head)
            found += self._rpc.call("eth_getLogs", wanted | {"fromBlock": hex(start), "toBlock": hex(end)})
        decode = abi.event_decoder(entry)
        return [decode(log) for log in found]

    def _call(self, contract: str, function: str, *arguments: Any) -> Any:
        return self._suite.call(self._rpc, contract, function, *arguments)
