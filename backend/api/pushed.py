"""The route by which platforms push records of the shops that connected them."""

from flask import Blueprint, request

from backend.api import intake
from backend.api.context import reading
from backend.api.intake import Bringer
from backend.api.limits import count_push
from backend.api.problems import ResourceUnknown
from backend.api.schemas import PushQuery, Upload
from backend.api.spec import documented
from backend.errors import HeqiError
from backend.records.business import platforms
from backend.records.business.platforms import Token

MOST_BYTES = 1024 * 1024
SCHEME = "bearer "

blueprint = Blueprint("pushed", __name__, url_prefix="/v1/push")


class TokenRefused(HeqiError):
    notice_en = "The request carries no token in force: Authorization: Bearer <token>."
    notice_zh = "请求未携带有效令牌：Authorization: Bearer <令牌>。"
    status = 401


@blueprint.post("/records")
@documented(Upload, 400, 401, 404, 409, 413, 415, 422, tag="Business records")
def push_records(query: PushQuery) -> Upload:
    """Bring rows of a shop that connected the platform, as a JSON array; answer and rules are those of an upload.

    The platform is known by its token: `Authorization: Bearer <token>`.
    """
    token = _token()
    count_push(token.id)
    with reading() as tx:
        if not platforms.is_connected(tx, query.party, token.platform):
            raise ResourceUnknown(kind="party", id=query.party)
    return intake.take(Bringer(query.party, token.platform, f"token {token.id}"), query, MOST_BYTES)


def _token() -> Token:
    """Raises TokenRefused."""
    given = request.headers.get("Authorization", "")
    if given[: len(SCHEME)].lower() != SCHEME:
        raise TokenRefused
    with reading() as tx:
        token = platforms.bearer(tx, given[len(SCHEME) :].strip())
    if token is None:
        raise TokenRefused
    return token
