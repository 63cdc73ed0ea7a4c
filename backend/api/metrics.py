"""Prometheus metrics: requests of this process, and the state of chain, read model, outbox, oracle and intake."""

from collections.abc import Iterator

import structlog
from flask import Blueprint, Flask, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import DBAPIError

from backend import store
from backend.api.context import Context
from backend.api.limits import limiter
from backend.chain import outbox
from backend.errors import HeqiError
from backend.readmodel import indexer, scores
from backend.records import device_rounds
from backend.telemetry import kept

log = structlog.get_logger(__name__)


def install(app: Flask, context: Context) -> None:
    registry = CollectorRegistry()
    registry.register(State(context))
    answered = Counter("heqi_http_requests", "Answered requests", ["method", "route", "status"], registry=registry)
    blueprint = Blueprint("metrics", __name__)

    @blueprint.get("/metrics")
    @limiter.exempt
    def show_metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    @app.after_request
    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        answered.labels(request.method, route, response.status_code).inc()
        return response

    app.register_blueprint(blueprint)


class State(Collector):
    """Read when asked; what cannot be read is left out, and its absence tells."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def collect(self) -> Iterator[Metric]:
        try:
            yield from self._of_database()
            yield from self._of_chain()
        except (HeqiError, DBAPIError) as error:
            log.warning("metrics_incomplete", reason=type(error).__name__)

    def _of_database(self) -> Iterator[Metric]:
        family = GaugeMetricFamily("heqi_outbox_transactions", "Transactions in the outbox", labels=["state"])
        with store.reading(self._context.engine) as tx:
            for state, count in outbox.counts(tx).items():
                family.add_metric([state.value], count)
            taken_in, reported = kept.counts(tx), device_rounds.counts(tx)
        yield family
        messages = CounterMetricFamily("heqi_intake_messages", "Machines' messages by outcome", labels=["outcome"])
        for outcome, count in sorted(taken_in.items()):
            messages.add_metric([outcome], count)
        yield messages
        rounds = GaugeMetricFamily("heqi_device_rounds", "Rounds of machines' reports", labels=["lane", "state"])
        for place, count in reported.items():
            rounds.add_metric(place, count)
        yield rounds

    def _of_chain(self) -> Iterator[Metric]:
        head = self._context.live.head()
        yield GaugeMetricFamily("heqi_chain_height", "Newest block of the node", value=head.number)
        with store.reading(self._context.engine) as tx:
            at, reported = indexer.position(tx), scores.last_report_at(tx)
        if at is not None:
            yield GaugeMetricFamily("heqi_indexer_height", "Last block in the read model", value=at.number)
            lag = max(0, head.number - at.number)
            yield GaugeMetricFamily("heqi_indexer_lag_blocks", "Blocks the read model is behind", value=lag)
        if reported is not None:
            age = max(0, head.timestamp - reported)
            yield GaugeMetricFamily("heqi_oracle_age_seconds", "Age of the facts in the newest report", value=age)
