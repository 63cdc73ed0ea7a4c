"""What a lessee's score loses by idle machines and odd fuel: points by a published table, the same for every signer."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from backend import store
from backend.chain import reports
from backend.chain.keys import development_key
from backend.config import Duty
from backend.oracle import assessment, errors, lessees, view
from backend.oracle.assessment import Sources
from backend.oracle.enterprises import Enterprises
from backend.oracle.leader import Leader
from backend.oracle.lessees import MOST_POINTS, POINTS, REASONS, Standing
from backend.oracle.rounds import last
from backend.oracle.signer import Signer
from backend.oracle.statements import file_statement
from backend.readmodel.indexer import Indexer
from backend.readmodel.projection import shipped
from backend.scoring import companies, reasons, scale
from backend.scoring.model import Scored
from backend.telemetry.alarms import Alarm, Severity, alarm_word
from tests.backend.oracle.machines.site import Site
from tests.backend.oracle.parts import SIGNERS, STRONG

DOCUMENT = Path(__file__).parents[4] / "docs" / "leasing-score.md"
IDLE = {Alarm.IDLE: Severity.CRITICAL}


def scored(points: int = 700) -> Scored:
    return Scored(scale.ppm_of(points), points, (2, 4, 6, 8), "0xm", "0xf")


def costs(*alarms: tuple[Alarm, Severity]) -> list[Standing]:
    return [Standing(machine, *each) for machine, each in enumerate(alarms, start=1)]


# Pure


def test_points_go_off_the_score_and_the_probability_follows_the_scale():
    lower = lessees.lowered(scored(), costs((Alarm.IDLE, Severity.CRITICAL), (Alarm.FUEL_THEFT, Severity.MAJOR)))
    assert lower.score == 700 - 20 - 15
    assert scale.score(lower.pd_ppm) == lower.score
    assert lower.reasons == (71, 73, 2, 4)


def test_without_a_costly_alarm_nothing_changes():
    assert lessees.lowered(scored(), []) == scored()


def test_never_more_than_sixty_points_and_never_below_the_scale():
    theft = [(Alarm.FUEL_THEFT, Severity.CRITICAL)] * 5
    assert lessees.lowered(scored(), costs(*theft)).score == 700 - MOST_POINTS
    lowest = lessees.lowered(scored(310), costs(*theft))
    assert (lowest.score, scale.score(lowest.pd_ppm)) == (scale.LOWEST, scale.LOWEST)


def test_a_worse_alarm_never_costs_less():
    assert all(0 < grave[Severity.MAJOR] <= grave[Severity.CRITICAL] <= MOST_POINTS for grave in POINTS.values())


def test_only_idle_and_fuel_alarms_cost_points():
    every = alarm_word(dict.fromkeys(Alarm, Severity.CRITICAL))
    assert {each.alarm for each in lessees.standings(1, every)} == {Alarm.IDLE, Alarm.FUEL_USE, Alarm.FUEL_THEFT}


def test_what_is_less_than_major_costs_nothing():
    assert lessees.standings(1, Severity.WARN << 2 * Alarm.IDLE) == []


@pytest.mark.parametrize("points", range(scale.LOWEST, scale.HIGHEST + 1, 25))
def test_a_score_and_its_probability_belong_together(points: int):
    assert scale.score(scale.ppm_of(points)) == points


def test_every_reason_has_a_sentence_in_both_languages_and_what_helps():
    for code in REASONS.values():
        reason = reasons.catalogue()[code]
        assert reason.raises_risk and reason.en and reason.zh and reason.improve_en and reason.improve_zh


def test_the_published_table_is_the_one_in_use():
    rows = re.findall(r"^\| `(\w+)` \|.*\| (\d+) \| (\d+) \|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert {
        Alarm[name.upper()]: {Severity.MAJOR: int(major), Severity.CRITICAL: int(critical)}
        for name, major, critical in rows
    } == POINTS


# On a chain


class Leased:
    """A lessee with a statement and a leased machine, and the oracle of companies."""

    def __init__(self, site: Site) -> None:
        self.site, self.party = site, site.rentals.lessee
        self.machine = site.rentals.machine()
        site.rentals.delivered(self.machine)
        self.sources = Sources(site.engine, site.market.rpc, site.market.suite)
        file_statement(site.engine, site.market.rpc, self.party, STRONG)
        self.statement = assessment.scorer().score([companies.figures(STRONG)])[0].score
        self.index()

    def index(self) -> None:
        market = self.site.market
        with store.sole_writer(self.site.engine, "indexer") as fence:
            Indexer(self.site.engine, market.rpc, market.suite, shipped(), fence, finality_depth=64).catch_up()

    def alarm(self, severities: Mapping[Alarm, Severity]) -> None:
        self.site.rentals.alarm(self.machine, severities)

    def proposed(self) -> reports.ScoreReport:
        self.site.market.node.mine()
        found = Leader(self.sources, [Enterprises(self.sources)]).step()
        assert found is not None
        return found

    def signer(self) -> Signer:
        return Signer(self.sources, [Enterprises(self.sources)], development_key(SIGNERS[Duty.AUDITOR]))


@pytest.fixture
def lessee(site: Site) -> Leased:
    return Leased(site)


def test_a_lessee_with_a_statement_is_scored_like_any_company(lessee: Leased):
    record = reports.decode_record(lessee.proposed().records[0])
    assert (record.party, record.value) == (lessee.party, lessee.statement)


def test_an_idle_machine_lowers_its_lessees_score_and_a_signer_finds_the_same(lessee: Leased):
    lessee.alarm(IDLE)
    report = lessee.proposed()
    record = reports.decode_record(report.records[0])
    assert record.value == lessee.statement - 20
    assert record.pd_ppm == scale.ppm_of(record.value)
    assert record.reasons[0] == REASONS[Alarm.IDLE]
    lessee.signer().sign(report)
    with store.reading(lessee.site.engine) as tx:
        round_ = last(tx)
    assert round_ is not None
    shown = {"machine": lessee.machine, "alarm": "idle", "severity": "critical", "points": 20}
    assert round_.sources[0]["alarms"] == [shown]


def test_a_signer_does_not_overlook_an_idle_machine(lessee: Leased):
    lessee.alarm(IDLE)
    report = lessee.proposed()
    honest = reports.decode_record(report.records[0])
    better = reports.encode_record(reports.ScoreRecord(**{**_fields(honest), "value": lessee.statement}))
    with pytest.raises(errors.RecordDiffers, match="value"):
        lessee.signer().sign(reports.ScoreReport(**{**_fields(report), "records": (better,)}))


def test_region_and_tampering_gate_money_and_cost_no_points(lessee: Leased):
    lessee.alarm({Alarm.REGION: Severity.CRITICAL, Alarm.TAMPER: Severity.CRITICAL})
    assert reports.decode_record(lessee.proposed().records[0]).value == lessee.statement


def test_the_points_come_back_with_the_end_of_the_alarm(lessee: Leased):
    lessee.alarm(IDLE)
    assert reports.decode_record(lessee.proposed().records[0]).value < lessee.statement
    lessee.alarm({})
    seen = view.read(lessee.sources.rpc, lessee.sources.suite, [], lessee.sources.rpc.head())
    found = Enterprises(lessee.sources).found(seen, seen.at.timestamp, [lessee.party])
    assert found[lessee.party].value == lessee.statement


def _fields(value: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}  # type: ignore[attr-defined]
