"""Every event that concerns a party is told in both languages, with the figures it has."""

import re
from collections.abc import Iterator
from string import Formatter
from typing import Any

import pytest

from backend.api import rooms
from backend.chain.reports import ScoreRecord, encode_record
from backend.desk import news, sentences
from backend.readmodel.projection import shipped
from scripts._artifacts import Artifacts

# These repeat what another event of the same transaction tells.
REPEATED = {
    ("Receivables", "Transfer"),
    ("Receivables", "ReceivablePledged"),
    ("Receivables", "ReceivableReleased"),
    ("Receivables", "ReceivableDetached"),
    ("Treasury", "Disbursed"),
    ("Treasury", "Repaid"),
    ("Treasury", "ImpairmentChanged"),
    ("Treasury", "WrittenOff"),
    ("Treasury", "Recovered"),
}
WITH_PARTIES = {"ReceivablePassedOn", "ScoresReported"}
PRIVATE = {
    "MachineAlarmed": {"machine": 3, "id": 1, "alarm": "region", "severity": "major", "at": 1},
    "MachineAlarmCleared": {"machine": 3, "id": 1, "alarm": "tow", "severity": "clear", "at": 1},
    "MachineAlarmAnswered": {"machine": 3, "id": 1, "phase": "acknowledged"},
    "MachineCredentialsIssued": {"machine": 3},
    "MachineCredentialsRevoked": {"machine": 3},
    "UploadTaken": {"upload": 1, "outcome": "whole", "rows": 12, "stored": 11, "tag": None},
    "RecordsErased": {"records": 6, "feedback": 0},
}
TOLD = sorted((topic, kind) for topic, kinds in sentences.templates("news").items() for kind in kinds)
ON_CHAIN = [place for place in TOLD if place[0] != "private"]
ARTIFACTS = Artifacts.load()


def inputs(contract: str, event: str) -> list[dict[str, Any]]:
    entries = (entry for entry in ARTIFACTS.abi(contract) if entry["type"] == "event")
    found: list[dict[str, Any]] = next(entry for entry in entries if entry["name"] == event)["inputs"]
    return found


def concerning_parties() -> Iterator[tuple[str, str]]:
    """By the arguments from which rooms are found."""
    by_thing = [
        (rooms.OF_RECEIVABLES, rooms.RECEIVABLE_ARGUMENTS),
        (rooms.OF_LEASES, rooms.LEASE_ARGUMENTS),
    ]
    for contract, event in shipped().subscriptions:
        numbers = {argument["name"] for argument in inputs(contract, event) if argument["type"].startswith("uint")}
        named = [names for contracts, names in by_thing if contract in contracts]
        if event in WITH_PARTIES or any(numbers & set(names) for names in (*named, rooms.PARTY_ARGUMENTS)):
            yield contract, event


def sample(argument: dict[str, Any]) -> Any:
    if "components" in argument and "[" not in argument["type"]:
        return {member["name"]: sample(member) for member in argument["components"]}
    return "1" if "int" in argument["type"] else "0x" + "ab" * 20


def told(contract: str, event: str) -> sentences.Text:
    arguments = {argument["name"]: sample(argument) for argument in inputs(contract, event)}
    if event == "ScoresReported":
        arguments["records"] = ["0x" + encode_record(record(party, 700 + party)).hex() for party in (6, 7)]
    return news.sentence(contract, event, arguments, 7)


def record(party: int, value: int) -> ScoreRecord:
    return ScoreRecord(
        party=party, value=value, pd_ppm=1, limit_code=1, sequence=1, reasons=(2, 7), flags=0, consent_epoch=1
    )


def test_every_event_that_concerns_a_party_is_told_or_repeats_another():
    assert set(concerning_parties()) == set(ON_CHAIN) | REPEATED


@pytest.mark.parametrize(("contract", "event"), ON_CHAIN)
def test_a_sentence_names_what_its_event_has(contract: str, event: str):
    text = told(contract, event)
    assert all(text.values())
    assert "{" not in text["en"] + text["zh"]


@pytest.mark.parametrize("kind", PRIVATE)
def test_what_is_private_is_told_to_the_party_alone(kind: str):
    text = news.sentence("private", kind, PRIVATE[kind], 7)
    assert all(text.values())


def test_every_private_sentence_is_tried():
    assert set(sentences.templates("news")["private"]) == set(PRIVATE)


@pytest.mark.parametrize(("topic", "kind"), TOLD)
def test_both_languages_name_the_same_figures(topic: str, kind: str):
    template = sentences.templates("news")[topic][kind]
    fields = {
        language: sorted((name, unit) for _, name, unit, _ in Formatter().parse(text) if name)
        for language, text in template.items()
    }
    assert fields["en"] == fields["zh"]
    assert re.search(r"[\u4e00-\u9fff]", template["zh"])
    assert template["en"].endswith(".") and template["zh"].endswith("。")


def test_amounts_are_in_yuan_and_days_are_dates():
    arguments = {"pool": "4", "payer": "0x", "amount": "123456789", "paid": "200000000", "face": "200000000"}
    text = news.sentence("Receivables", "ReceivableSettled", arguments, 1)
    assert text["en"].startswith("1,234,567.89 yuan were paid on receivable 4;")
    assert text["zh"] == "应收账款 4 收到付款 1,234,567.89 元，累计已付 2,000,000.00 元，共 2,000,000.00 元。"
    notice = {"party": "8", "noticeDay": "20770", "cureThroughDay": "20780"}
    assert "2026-11-23" in news.sentence("CreditLine", "LineNoticeGiven", notice, 8)["zh"]


def test_a_party_hears_of_its_own_score_in_a_report():
    assert told("CreditOracle", "ScoresReported")["en"] == "A credit score of 707 was reported."


@pytest.mark.parametrize(
    ("topic", "arguments", "subject"),
    [
        ("Receivables", {"pool": "4"}, {"type": "receivable", "id": "4"}),
        ("RentLedger", {"id": "2"}, {"type": "lease", "id": "2"}),
        ("CreditOracle", {"round": "9"}, {"type": "score", "id": "7"}),
        ("Factoring", {"debtor": "1"}, {"type": "party", "id": "7"}),
        ("Treasury", {"party": "8"}, {"type": "party", "id": "8"}),
        ("private", {"rows": 3}, None),
    ],
)
def test_news_say_what_they_are_about(topic: str, arguments: dict[str, str], subject: dict[str, str] | None):
    assert news.subject(topic, arguments, 7) == subject


def test_a_unit_that_there_is_not_is_an_error():
    with pytest.raises(KeyError):
        sentences.filled({"en": "{a:parsec}", "zh": "{a:parsec}"}, {"a": 1})
