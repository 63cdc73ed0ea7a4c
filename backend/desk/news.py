"""What happened, as a sentence in both languages: one for each event that concerns a party."""

from collections.abc import Mapping
from typing import Any

from backend.chain.reports import decode_record
from backend.desk import sentences
from backend.telemetry.alarms import Alarm
from backend.telemetry.rules import texts

# Where the subject of an event of a contract stands: the type of the subject, and the arguments that may name it.
SUBJECTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Receivables": ("receivable", ("id", "pool")),
    "Factoring": ("receivable", ("receivable",)),
    "CreditLine": ("line", ("party",)),
    "CreditOracle": ("score", ("party",)),
    "Equipment": ("machine", ("id",)),
    "EquipmentLease": ("lease", ("id",)),
    "RentLedger": ("lease", ("id",)),
    "LeaseFinance": ("lease", ("lease",)),
    "private": ("machine", ("machine",)),
}
# Events of these that name no party are told to the one they concern.
OF_THE_PARTY = {"CreditOracle": "score", "Factoring": "party"}
# The sentence gives the figure of the party that reads it.
FOR_EACH_PARTY = {"ScoresReported"}
# Order of ICreditOracle.Purpose.
PURPOSES = ({"en": "scoring", "zh": "评分"}, {"en": "training models", "zh": "模型训练"})


def is_told(topic: str, kind: str) -> bool:
    """Whether there is a sentence for the event."""
    return kind in sentences.templates("news").get(topic, {})


def sentence(topic: str, kind: str, arguments: Mapping[str, Any], party: int) -> sentences.Text:
    """As told to the party. Raises KeyError for an event without a sentence, or without a value that it names."""
    values = _readable(arguments)
    if kind in FOR_EACH_PARTY:
        values |= {"value": _reported(arguments["records"], party)}
    return sentences.filled(sentences.templates("news")[topic][kind], values)


def told_to_all(contract: str, kind: str, arguments: Mapping[str, Any]) -> sentences.Text | None:
    """An event of the chain as anybody may read it; None for one without a sentence, or with one for each party."""
    if kind in FOR_EACH_PARTY or not is_told(contract, kind):
        return None
    return sentence(contract, kind, arguments, 0)


def subject(topic: str, arguments: Mapping[str, Any], party: int) -> dict[str, str] | None:
    """What the event is about; None for what is about no single thing."""
    kind, names = SUBJECTS.get(topic, ("party", ("party",)))
    number = next((arguments[name] for name in names if name in arguments), None)
    if number is None and topic in OF_THE_PARTY:
        kind, number = OF_THE_PARTY[topic], party
    return None if number is None else {"type": kind, "id": str(number)}


# Inside


def _readable(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Members of structs beside the other arguments, and names for what has one."""
    values = dict(arguments)
    for struct in arguments.values():
        if isinstance(struct, Mapping):
            values |= {name: member for name, member in struct.items() if name not in arguments}
    if "purpose" in values:
        values["purpose"] = PURPOSES[int(values["purpose"])]
    if "alarm" in values:
        values["alarm"] = texts.alarm(Alarm[values["alarm"].upper()])
    return values


def _reported(records: list[str], party: int) -> int:
    """The party's score among the packed records of a report."""
    known = (decode_record(bytes.fromhex(record[2:])) for record in records)
    return next(record.value for record in known if record.party == party)
