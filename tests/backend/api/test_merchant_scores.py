"""A merchant's score in detail: what it says, and that nobody else learns it (CASES 43)."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy import Engine

from backend import store
from backend.api import reasons
from backend.api.app import create_app
from backend.api.context import EXTENSION
from backend.api.limits import limiter
from backend.api.push import Pusher
from backend.config import Settings
from backend.readmodel import scores
from backend.records import evaluations
from backend.records.evaluations import Arithmetic, Evaluation, Look, State
from backend.scoring.merchants import limit
from backend.scoring.merchants.facts import LimitFacts
from backend.scoring.merchants.flags import ScoreFlag
from scripts import plan
from tests.backend.api.test_sessions import listener, sign_in, subscribe
from tests.backend.market import ADDRESSES, Market
from tests.backend.readmodel.mirror import indexing

ROOT = Path(__file__).parents[3]
MERCHANT = 8
NOW = 1_800_000_000
SCORE = f"/v1/merchants/{MERCHANT}/score"
HISTORY = f"{SCORE}/history"
LIMIT = f"/v1/lines/{MERCHANT}/limit"
FACTS = LimitFacts(
    turnover_30=9_000_000,
    turnover_90=30_000_000,
    turnover_365=130_000_000,
    tenure_days=800,
    volatility_bps=3_500,
    concentration_bps=2_100,
    inventory_days=None,
)
PROPOSED = limit.proposed(FACTS, 655, 47_000)
ARITHMETIC = Arithmetic(
    proposed=PROPOSED.limit,
    supported=None,
    past=[],
    move="start",
    why_en="First limit.",
    why_zh="首次额度。",
    lines=[asdict(line) for line in PROPOSED.lines],
)


def evaluation(at: int, round_: int | None, **changes: Any) -> Evaluation:
    facts = {
        "party": MERCHANT,
        "at": at,
        "consent_epoch": 1,
        "model": 10,
        "model_hash": "0x" + "aa" * 32,
        "features_hash": "0x" + "bb" * 32,
        "policy_hash": "0x" + "cc" * 32,
        "score": 655,
        "pd_ppm": 47_000,
        "reasons": [3, 6],
        "flags": 4,
        "granted": 4_000_000,
        "figures": {"turnover_30": 90_000.0, "inventory_days": None},
        "arithmetic": ARITHMETIC,
        "signer_set": round_ and 1,
        "round": round_,
        "due": round_ and "moved",
    }
    return Evaluation(**(facts | changes))


@pytest.fixture(scope="module")
def engine(market: Market, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    created = store.connect(f"sqlite:///{tmp_path_factory.mktemp('scores')}/heqi.db")
    store.migrate(created)
    with indexing(market, created) as indexer:
        indexer.catch_up()
    with store.writing(created) as tx:
        evaluations.keep(tx, [evaluation(NOW + day, day) for day in (1, 2)])
        evaluations.keep(tx, [evaluation(NOW + 3, None, score=690)])
        evaluations.note(tx, [Look(MERCHANT, State.DATA_STALE, None, consent_epoch=1, number=0)], NOW + 4)
    yield created
    created.dispose()


@pytest.fixture(scope="module")
def service(market: Market, engine: Engine) -> Flask:
    return create_app(Settings(), market.suite, market.rpc, engine)


@pytest.fixture
def merchant(service: Flask) -> FlaskClient:
    return signed_in(service, "merchant")


@pytest.fixture
def officer(service: Flask, market: Market) -> Iterator[FlaskClient]:
    role = plan.ROLE_BY_NAME["risk_officer"].id
    market.send("bank", "Authority", "grantRole", role, ADDRESSES["stranger"], 0)
    yield signed_in(service, "stranger")
    market.send("bank", "Authority", "revokeRole", role, ADDRESSES["stranger"])


def signed_in(service: Flask, who: str) -> FlaskClient:
    limiter.reset()
    client = service.test_client()
    sign_in(client, who)
    return client


def get(client: FlaskClient, path: str, status: int = 200) -> Any:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    return answer.get_json()


def test_a_merchant_sees_its_score_on_chain_with_grade_and_reasons(merchant: FlaskClient, market: Market):
    score, chain = get(merchant, SCORE), market.read("CreditOracle", "scoreOf", MERCHANT)
    in_force = score["inForce"]
    assert (in_force["value"], in_force["grade"], in_force["sequence"]) == (720, "A", chain["sequence"])
    assert (score["consented"], score["held"], in_force["flags"]) == (True, False, [])
    assert market.read("RiskPolicy", "gradeOf", 720) == 0


def test_a_reason_that_raises_the_risk_says_what_would_help_in_both_languages(merchant: FlaskClient):
    raises, lowers = get(merchant, SCORE)["newest"]["reasons"]
    assert (raises["code"], raises["raisesRisk"], lowers["raisesRisk"]) == (3, True, False)
    assert raises["improvement"]["en"].startswith("Raise prices")
    assert raises["improvement"]["zh"].startswith("提价")
    assert lowers["improvement"] is None


def test_a_score_that_is_not_renewed_says_why(merchant: FlaskClient):
    standing = get(merchant, SCORE)["standing"]
    assert (standing["state"], standing["renewed"]) == ("data_stale", False)
    assert "came too long ago" in standing["text"]["en"]
    assert "接收时间过早" in standing["text"]["zh"]


def test_flags_are_named_as_the_score_record_has_them(merchant: FlaskClient):
    assert [name for name, *_ in reasons.FLAGS] == [flag.name for flag in ScoreFlag]
    assert get(merchant, SCORE)["newest"]["flags"] == [
        {"name": "TURNOVER_COLLAPSE", "text": {"en": "Sales have collapsed", "zh": "营业额骤降"}}
    ]


def test_the_newest_evaluation_is_shown_whether_it_was_reported_or_not(merchant: FlaskClient):
    newest = get(merchant, SCORE)["newest"]
    assert (newest["value"], newest["grade"], newest["round"], newest["due"]) == (690, "B", None, None)
    assert newest["figures"] == {"turnover_30": 90_000.0, "inventory_days": None}


def test_the_history_is_paged_from_the_newest(merchant: FlaskClient):
    rounds, after = [], ""
    while after is not None:
        page = get(merchant, f"{HISTORY}?limit=1{after and '&after=' + after}")
        rounds, after = rounds + [item["round"] for item in page["items"]], page["next"]
    assert rounds == [None, 2, 1]


def test_erased_figures_are_gone_and_hashes_remain(merchant: FlaskClient, engine: Engine):
    with store.writing(engine) as tx:
        evaluations.keep(tx, [evaluation(NOW + 9, 9, figures=None, arithmetic=None)])
    newest = get(merchant, SCORE)["newest"]
    assert (newest["figures"], newest["limit"]["lines"], newest["limit"]["proposed"]) == (None, None, None)
    assert newest["featuresHash"] == "0x" + "bb" * 32
    assert get(merchant, LIMIT)["proposal"]["granted"] == "4000000"


def test_a_merchant_sees_how_its_limit_was_proposed_line_by_line(merchant: FlaskClient, engine: Engine):
    with store.writing(engine) as tx:
        evaluations.keep(tx, [evaluation(NOW + 10, 10)])
    shown = get(merchant, LIMIT)["proposal"]
    assert shown["proposed"] == str(PROPOSED.limit) == shown["lines"][-1]["result"]
    assert shown["why"] == {"en": "First limit.", "zh": "首次额度。"}
    for line in shown["lines"]:
        inputs = {name: int(value) for name, value in line["inputs"].items()}
        assert eval(line["formula"], {"__builtins__": {}, "min": min, "max": max}, inputs) == int(line["result"])
    assert [line["id"] for line in shown["lines"] if line["binds"]] == [
        line.id for line in PROPOSED.lines if line.binds
    ]


def test_a_bank_officer_sees_the_same_as_the_merchant(merchant: FlaskClient, officer: FlaskClient):
    for path in (SCORE, HISTORY, LIMIT):
        assert get(officer, path) == get(merchant, path)
    assert get(officer, "/v1/merchants/2/score") | {"party": 0} == {
        "party": 0,
        "consented": False,
        "held": False,
        "inForce": None,
        "newest": None,
        "standing": None,
    }
    assert get(officer, "/v1/merchants/99/score", 404)["code"] == "ResourceUnknown"


@pytest.mark.parametrize("path", [SCORE, HISTORY])
def test_case_43_another_partys_score_is_as_unknown_as_that_of_no_party(path: str, service: Flask):
    other = signed_in(service, "supplier")
    answers = [get(other, path.replace(str(MERCHANT), party), 404) for party in (str(MERCHANT), "99")]
    assert [answer.pop("values")["id"] for answer in answers] == [str(MERCHANT), "99"]
    assert answers[0]["code"] == answers[1]["code"] == "ResourceUnknown"
    assert get(service.test_client(), path, 401)["code"] == "SignInNeeded"


def test_case_43_others_see_the_limit_of_the_chain_and_not_how_it_was_proposed(service: Flask, merchant: FlaskClient):
    own = get(merchant, LIMIT)
    assert own["proposal"] is not None
    for client in (signed_in(service, "supplier"), service.test_client()):
        assert get(client, LIMIT) == own | {"proposal": None}


def test_a_real_answer_fits_the_published_schema(merchant: FlaskClient):
    document = get(merchant, "/openapi.json")
    for route, path in (("", SCORE), ("/history", HISTORY)):
        operation = document["paths"][f"/v1/merchants/{{party}}/score{route}"]["get"]
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        Draft202012Validator(schema | {"components": document["components"]}).validate(get(merchant, path))


def test_a_merchant_hears_what_was_found_about_it_when_it_is_reported_and_nobody_else_does(
    service: Flask, merchant: FlaskClient, engine: Engine, market: Market
):
    pusher = Pusher(service.extensions[EXTENSION], service.extensions["socketio"])
    own, public = listener(service, merchant), listener(service, service.test_client())
    subscribe(own, f"party:{MERCHANT}:private")
    subscribe(public, "all", f"party:{MERCHANT}")
    market.score({1: 650, MERCHANT: 700}, consent_epoch=1)
    with indexing(market, engine) as indexer:
        indexer.catch_up()
    with store.reading(engine) as tx:
        round_ = scores.history(tx, MERCHANT, limit=1)[0]["round"]
    with store.writing(engine) as tx:
        evaluations.keep(tx, [evaluation(NOW + 20, round_)])
    pusher.step()
    (message,) = own.get_received()
    (event,) = message["args"]
    assert (event["kind"], event["key"], event["rooms"]) == (
        "ScoreExplained",
        str(MERCHANT),
        [f"party:{MERCHANT}:private"],
    )
    assert event["payload"] == get(merchant, SCORE)["newest"]
    told = [message["args"][0] for message in public.get_received()]
    assert [event["kind"] for event in told if event["topic"] == "CreditOracle"][-1] == "ScoresReported"
    assert "featuresHash" not in json.dumps(told)


def test_the_api_runs_without_the_numerical_libraries_of_scoring():
    loaded = "import sys, backend.api.app; print({'numpy', 'lightgbm', 'pandas'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "set()\n"
