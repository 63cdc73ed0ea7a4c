"""Every failure of a request as RFC 9457 problem+json, in the caller's language."""

import json
from typing import Any

import structlog
from flask import Flask, Response, request
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError, ProgrammingError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge, TooManyRequests

from backend.chain.abi import to_json
from backend.errors import HeqiError

MOST_BODY_BYTES = 64 * 1024
LANGUAGES = ("en", "zh")
KINDS_ZH = {
    "party": "参与方",
    "wallet": "钱包",
    "score of party": "评分，参与方",
    "receivable": "应收账款",
    "financing": "融资，应收账款",
    "credit line of party": "信用额度，参与方",
    "upload": "上传记录",
    "platform": "平台",
    "machine": "设备",
    "alarm": "报警",
    "telemetry of machine": "上报数据，设备",
    "lease": "租约",
    "loan on lease": "融资，租约",
    "annex of lease": "附件，租约",
    "rent of lease": "租金，租约",
    "block": "区块",
    "transaction": "交易",
    "address": "地址",
    "fingerprint": "发票指纹",
}

log = structlog.get_logger(__name__)


class PathUnknown(HeqiError):
    notice_en = "There is nothing at {path}."
    notice_zh = "路径 {path} 不存在。"
    status = 404


class ResourceUnknown(HeqiError):
    """`kind` is one of KINDS_ZH."""

    notice_en = "There is no {kind} {id}."
    notice_zh = "不存在{kind} {id}。"
    status = 404

    def notice(self, lang: str) -> str:
        kind = self.values["kind"]
        return (
            self.notice_zh.format(kind=KINDS_ZH[kind], id=self.values["id"]) if lang == "zh" else super().notice(lang)
        )


class MethodRefused(HeqiError):
    notice_en = "{method} is not possible at {path}; {allowed} is."
    notice_zh = "{path} 不支持 {method}，仅支持 {allowed}。"
    status = 405


class BodyTooLarge(HeqiError):
    notice_en = "The body of the request exceeds {most} bytes."
    notice_zh = "请求内容超过 {most} 字节。"
    status = 413


class MediaTypeRefused(HeqiError):
    notice_en = "The body is {given}; {expected} is expected."
    notice_zh = "请求内容类型为 {given}，应为 {expected}。"
    status = 415


class RequestInvalid(HeqiError):
    notice_en = "{field} is not usable: {rule}."
    notice_zh = "字段 {field} 无效：{rule}。"
    status = 422


class RequestsTooMany(HeqiError):
    notice_en = "Too many requests: at most {limit}."
    notice_zh = "请求过于频繁：限额为 {limit}。"
    status = 429


class RequestRefused(HeqiError):
    notice_en = "The request was refused: {reason}."
    notice_zh = "请求被拒绝：{reason}。"

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason=reason)
        self.status = status  # type: ignore[misc]


class StorageUnavailable(HeqiError):
    notice_en = "The read model cannot be read at the moment."
    notice_zh = "读模型暂不可用。"
    status = 503


class InternalFault(HeqiError):
    notice_en = "Something went wrong here; it has been recorded."
    notice_zh = "服务内部发生错误，已记录。"
    status = 500


def install(app: Flask) -> None:
    app.register_error_handler(HeqiError, answer)
    app.register_error_handler(HTTPException, lambda fault: answer(_named(fault)))
    app.register_error_handler(OperationalError, _storage)
    app.register_error_handler(ProgrammingError, _storage)
    app.register_error_handler(Exception, _unexpected)


def answer(error: HeqiError) -> Response:
    body = json.dumps(problem(error, language()), ensure_ascii=False)
    response = Response(body, error.status, content_type="application/problem+json")
    if isinstance(error, MethodRefused):
        response.headers["Allow"] = error.values["allowed"]
    return response


def problem(error: HeqiError, lang: str) -> dict[str, Any]:
    """`values` hold integers as decimal strings; `notices` has the detail in both languages."""
    notices = {known: error.notice(known) for known in LANGUAGES}
    return error.to_problem(lang) | {"values": _plain(error.values), "notices": notices}


def language() -> str:
    """The caller's: `zh` or `en`, of whatever region or script."""
    wanted = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality > 0)
    return next((language_ for language_ in wanted if language_ in LANGUAGES), LANGUAGES[0])


def refuse_invalid(_request: Any, _response: Any, fault: Exception | None, *_: Any) -> None:
    """Raise the first fault of a request that does not fit its schema. Its input is not repeated."""
    if not isinstance(fault, ValidationError):
        return
    first = fault.errors(include_input=False, include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "body"
    raise RequestInvalid(field=field[:80], rule=first["msg"].removeprefix("Value error, "))


def _named(fault: HTTPException) -> HeqiError:
    if isinstance(fault, NotFound):
        return PathUnknown(path=request.path[:200])
    if isinstance(fault, MethodNotAllowed):
        allowed = ", ".join(sorted(fault.valid_methods or []))
        return MethodRefused(method=request.method, path=request.path[:200], allowed=allowed)
    if isinstance(fault, RequestEntityTooLarge):
        return BodyTooLarge(most=request.max_content_length)
    if isinstance(fault, TooManyRequests):
        return RequestsTooMany(limit=fault.description)
    return RequestRefused(fault.code or 400, fault.name)


def _storage(fault: Exception) -> Response:
    log.warning("storage_unavailable", path=request.path, reason=type(fault).__name__, exc_info=fault)
    return answer(StorageUnavailable())


def _unexpected(fault: Exception) -> Response:
    log.error("request_failed", path=request.path, method=request.method, exc_info=fault)
    return answer(InternalFault())


def _plain(values: dict[str, Any]) -> Any:
    return json.loads(json.dumps(to_json(values), default=str))
