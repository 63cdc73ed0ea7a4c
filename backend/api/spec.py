"""The published interface: request validation and the OpenAPI 3.1 document, from one place."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask
from spectree import Response, SpecTree

from backend.api.problems import refuse_invalid
from backend.api.schemas import Problem
from backend.records.business.schema import json_schema

DESCRIPTION = (
    "Financing of receivables, merchants and leased machines on chain, as a read model. Everything public is derived "
    "from contract events; figures marked as read from the chain are of the moment. Amounts are decimal strings in the "
    "currency's smallest unit, days are calendar days in Beijing, times are UTC. Failures are RFC 9457 problems in "
    "Chinese and English. Private data need a session: sign-in with Ethereum (EIP-4361), with a cookie."
)
# What any request may meet: too many of them, a fault of ours, a chain or database that does not answer.
COMMON_FAILURES = (429, 500, 503)
# Bodies that are read as a stream, past the schemas; their rows have a schema of their own.
ROWS = {"application/json": {"schema": {"type": "array", "items": json_schema()}}}
BODIES = {
    ("/v1/merchants/{party}/uploads", "post"): ROWS | {"text/csv": {"schema": {"type": "string"}}},
    ("/v1/push/records", "post"): ROWS,
}
# Answers that are no JSON, by their type.
FILES = {
    "/v1/merchants/{party}/records.csv": "text/csv",
    "/v1/lines/{party}/account.csv": "text/csv",
    "/v1/leases/{lease}/account.csv": "text/csv",
    "/v1/audit/export": "application/zip",
}

SPEC = SpecTree(
    "flask",
    title="Heqi",
    version="1",
    description=DESCRIPTION,
    mode="strict",
    before=refuse_invalid,
    validation_error_model=Problem,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _, child: child,
)


def documented(model: type[Any] | None, *failures: int, tag: str) -> Callable[[Callable[..., Any]], Any]:
    """Publish a route: its answer (None: 204, no content), and what it may fail with besides the common statuses."""
    answer = {"HTTP_200": model} if model else {"HTTP_204": None}
    problems = {f"HTTP_{status}": Problem for status in (*failures, *COMMON_FAILURES)}
    decorate: Callable[[Callable[..., Any]], Any] = SPEC.validate(resp=Response(**answer, **problems), tags=[tag])
    return decorate


def documented_file(*failures: int, tag: str) -> Callable[[Callable[..., Any]], Any]:
    """As `documented`, for an answer that is no JSON; its path is in FILES."""
    problems = {f"HTTP_{status}": Problem for status in (*failures, *COMMON_FAILURES)}
    decorate: Callable[[Callable[..., Any]], Any] = SPEC.validate(resp=Response("HTTP_200", **problems), tags=[tag])
    return decorate


def documented_stream(model: type[Any], *failures: int, tag: str) -> Callable[[Callable[..., Any]], Any]:
    """As `documented`, for an answer that is sent as it is made: validation would gather it whole."""

    def decorate(view: Callable[..., Any]) -> Any:
        @wraps(documented(model, *failures, tag=tag)(view))
        def stream(**arguments: Any) -> Any:
            return view(**arguments)

        return stream

    return decorate


def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of the app."""
    with app.app_context():
        spec: dict[str, Any] = SPEC.spec
    for path in spec["paths"].values():
        for operation in path.values():
            _correct(operation)
    for (path, method), body in BODIES.items():
        spec["paths"][path][method]["requestBody"] = {"required": True, "content": body}
    for path, kind in FILES.items():
        schema = {"type": "string"} | ({} if kind == "text/csv" else {"format": "binary"})
        spec["paths"][path]["get"]["responses"]["200"]["content"] = {kind: {"schema": schema}}
    return spec


def _correct(operation: dict[str, Any]) -> None:
    """What spectree cannot know: problems have a media type of their own, and path numbers may exceed 32 bits."""
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if int(status) >= 400 and "application/json" in content:
            content["application/problem+json"] = content.pop("application/json")
    for parameter in operation["parameters"]:
        if parameter["schema"].get("format") == "int32":
            parameter["schema"]["format"] = "int64"
