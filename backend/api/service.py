"""Routes about the service itself: configuration, error catalogue, health, readiness, status, metrics, pages."""

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, send_from_directory
from sqlalchemy import Connection

from backend import days
from backend.api import fingerprints
from backend.api.context import here, reading
from backend.api.limits import limiter
from backend.api.problems import PathUnknown
from backend.api.schemas import Configuration, Errors, Health, Readiness, ServiceStatus
from backend.api.spec import document, documented
from backend.chain.abi import signature_of
from backend.chain.reverts import ERROR_FILES, ContractError
from backend.errors import HeqiError
from backend.readmodel import indexer, scores, treasury
from backend.readmodel.rebuild import ReadModelMissing
from backend.store import feed

MOST_LAG = 20
DOCS_SCRIPTS = {"swagger_bundle.js", "swagger_style.css"}

blueprint = Blueprint("service", __name__)


class IndexerBehind(HeqiError):
    notice_en = "The read model is {lag} blocks behind the chain; at most {most} are allowed."
    notice_zh = "读模型落后链 {lag} 个区块，最多允许 {most} 个。"
    status = 503


@blueprint.get("/v1/config")
@documented(Configuration, tag="Service")
def show_config() -> Configuration:
    """The deployment: chain, contracts, and how fingerprint requests are signed."""
    suite = here().suite
    return Configuration(
        chain_id=suite.chain_id,
        genesis_hash=suite.genesis_hash,
        start_block=suite.start_block,
        contracts=dict(suite.addresses),
        fingerprint_request=fingerprints.typing(suite.chain_id),
    )


@blueprint.get("/v1/status")
@documented(ServiceStatus, tag="Service")
def show_status() -> ServiceStatus:
    """Where chain and read model stand."""
    head = here().live.head()
    with reading() as tx:
        at = position(tx)
        return ServiceStatus.model_validate(
            {
                "chain_id": here().suite.chain_id,
                "head": {"number": head.number, "hash": head.hash},
                "today": days.day_of(head.timestamp),
                "indexed": {"number": at.number, "hash": at.hash},
                "lag": max(0, head.number - at.number),
                "stopped": treasury.stopped(tx),
                "last_report_at": scores.last_report_at(tx) or 0,
                "feed": str(feed.newest(tx)),
            }
        )


@blueprint.get("/v1/errors")
@documented(Errors, tag="Service")
def list_errors() -> Errors:
    """Every named error, with its text in both languages; {placeholders} stand for the values."""
    return Errors.model_validate({"items": catalogue()})


@blueprint.get("/healthz")
@limiter.exempt
@documented(Health, tag="Service")
def show_health() -> Health:
    """The process answers."""
    return Health(status="ok")


@blueprint.get("/readyz")
@limiter.exempt
@documented(Readiness, tag="Service")
def show_readiness() -> Readiness:
    """Chain and database answer, belong together, and the read model is not far behind."""
    head = here().live.head()
    with reading() as tx:
        lag = max(0, head.number - position(tx).number)
    if lag > MOST_LAG:
        raise IndexerBehind(lag=lag, most=MOST_LAG)
    return Readiness(status="ready", lag=lag)


@blueprint.get("/openapi.json")
def show_document() -> Response:
    return jsonify(document(current_app))


@blueprint.get("/docs")
def show_docs() -> Response:
    return current_app.send_static_file("docs.html")


@blueprint.get("/docs/<name>")
@limiter.exempt
def show_docs_script(name: str) -> Response:
    """The pages' scripts from the installed package, so that no other site is asked."""
    if name not in DOCS_SCRIPTS:
        raise PathUnknown(path=f"/docs/{name}"[:200])
    return send_from_directory(str(resources.files("offapi")), name)


def position(tx: Connection) -> indexer.Position:
    """Where the read model stands. Raises ReadModelMissing."""
    at = indexer.position(tx)
    if at is None:
        raise ReadModelMissing
    return at


@cache
def catalogue() -> list[dict[str, Any]]:
    """Errors of the contracts and of this service, by code."""
    found = {entry["code"]: entry for entry in (*_of_service(HeqiError), *_of_contracts())}
    return [found[code] for code in sorted(found)]


def _of_contracts() -> Iterator[dict[str, Any]]:
    for path in ERROR_FILES:
        for name, entry in json.loads(path.read_text(encoding="utf-8")).items():
            signature = signature_of({"name": name, "inputs": entry["inputs"]})
            members = {"source": "contract", "status": ContractError.status, "signature": signature}
            yield {"code": name, **members, "notices": entry["notice"]}


def _of_service(base: type[HeqiError]) -> Iterator[dict[str, Any]]:
    for kind in base.__subclasses__():
        yield from _of_service(kind)
        if kind is not ContractError:
            notices = {"en": kind.notice_en, "zh": kind.notice_zh}
            members = {"source": "service", "status": kind.status, "signature": None}
            yield {"code": kind.__name__, **members, "notices": notices}
