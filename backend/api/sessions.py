"""Sign-in with Ethereum (EIP-4361), for private data.

A wallet signs a message with a nonce of ours and gets a cookie. The cookie names a session, the session a wallet; whose
wallet it is, and whether it acts for the bank, is read from the chain at every request. So a replaced wallet, or an
officer whose role was revoked, is out at once.
"""

import time
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, after_this_request, request
from werkzeug.http import parse_cookie

from backend import store
from backend.api import origins
from backend.api.context import Context, here
from backend.api.limits import SIGN_INS, count_sign_in, limiter
from backend.api.problems import ResourceUnknown
from backend.api.schemas import Session, SessionRequest, SignInRequested
from backend.api.spec import documented
from backend.chain import signin
from backend.errors import HeqiError
from backend.records import sessions
from backend.store import feed

STATEMENT = "Sign in to Heqi to see the private data of your party. This costs nothing and moves no money."
# Numbers of the Authority's roles whose holders see every party's private data: risk officer, risk manager, compliance.
OFFICER_ROLES = (1, 2, 3)

Environ = dict[str, Any]

blueprint = Blueprint("sessions", __name__, url_prefix="/v1/session")


class SignInNeeded(HeqiError):
    notice_en = "Sign in with a wallet of a party or of a bank officer."
    notice_zh = "请使用参与方或银行人员的钱包登录。"
    status = 401


class NonceSpent(HeqiError):
    notice_en = "The nonce of the sign-in message is unknown, too old, or was used before; ask for a new one."
    notice_zh = "登录消息的随机数未知、已过期或已被使用，请重新获取。"
    status = 401


class WalletWithoutAccess(HeqiError):
    notice_en = "{wallet} belongs neither to a party nor to a bank officer."
    notice_zh = "{wallet} 既不属于任何参与方，也不属于银行人员。"
    status = 403


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`party` is 0 for an account that only acts for the bank."""

    wallet: str
    party: int


# What other routes ask


def signed_in() -> SignedIn:
    """Who makes this request. Raises SignInNeeded."""
    who, _ = _present()
    return who


def require_own(party: int) -> SignedIn:
    """Raises SignInNeeded, and for another's data ResourceUnknown, as if there were no such party."""
    who = signed_in()
    if who.party != party:
        raise ResourceUnknown(kind="party", id=party)
    return who


def require_own_or_officer(party: int) -> SignedIn:
    """As `require_own`, but bank officers may too; whether there is such a party they must find out themselves."""
    who = signed_in()
    if who.party != party and not is_officer(here(), who.wallet):
        raise ResourceUnknown(kind="party", id=party)
    return who


def require_officer() -> SignedIn:
    """Raises SignInNeeded, and for who is no officer of the bank ResourceUnknown."""
    who = signed_in()
    if not is_officer(here(), who.wallet):
        raise ResourceUnknown(kind="party", id=feed.BANK)
    return who


def has_cookie(context: Context, environ: Environ) -> bool:
    """Whether a WSGI request brings the cookie of a session, live or not."""
    return cookie_name(context) in parse_cookie(environ)


def party_behind(context: Context, environ: Environ) -> int | None:
    """The party whose wallet the session of a WSGI request has now; None when there is none, or no longer."""
    wallet = _wallet_behind(context, environ)
    return context.live.party_of(wallet) if wallet else None


def owns(context: Context, environ: Environ, owner: int) -> bool:
    """Whether the session of a WSGI request is, at this moment, one of the owner of a private room."""
    if owner != feed.BANK:
        return party_behind(context, environ) == owner
    wallet = _wallet_behind(context, environ)
    return wallet is not None and is_officer(context, wallet)


def is_officer(context: Context, wallet: str) -> bool:
    """Whether the account holds a role of OFFICER_ROLES at this moment."""
    asked = [(role, wallet) for role in OFFICER_ROLES]
    answers = context.suite.call_each(context.live.rpc, "Authority", "hasRole", asked)
    return any(answer["isMember"] for answer in answers)


def cookie_name(context: Context) -> str:
    """Browsers take a `__Host-` cookie only over TLS, for one host and all its paths."""
    return "heqi_session" if context.settings.on_local_chain else "__Host-heqi_session"


# Routes


@blueprint.post("/nonce")
@limiter.limit(SIGN_INS)
@documented(SignInRequested, 403, 415, tag="Sessions")
def ask_to_sign_in() -> SignInRequested:
    """A nonce for one sign-in, and what the message to be signed must say. The body is `{}`."""
    sites = origins.sites(here().settings)
    asking = request.headers.get("Origin")
    site = asking if asking in sites else next(iter(sites), None)
    if site is None:
        raise origins.OriginRefused(origin=(asking or "nowhere")[:120])
    now = _now()
    with store.writing(here().engine) as tx:
        nonce = sessions.issue_nonce(tx, now)
    message = {"domain": site.partition("://")[2], "uri": site, "chain_id": here().suite.chain_id, "nonce": nonce}
    times = {"issued_at": now, "expiration_time": now + sessions.NONCE_S}
    return SignInRequested.model_validate(message | times | {"statement": STATEMENT})


@blueprint.post("")
@limiter.limit(SIGN_INS)
@documented(Session, 400, 401, 403, 413, 415, 422, tag="Sessions")
def sign_in(json: SessionRequest) -> Session:
    """Open a session; its cookie is new, and the session of the request's cookie ends."""
    context, now = here(), _now()
    sites = origins.sites(context.settings)
    claim = signin.read(json.message, origins=sites, chain_id=context.suite.chain_id, now=now)
    with store.writing(context.engine) as tx:
        is_first = sessions.spend_nonce(tx, claim.nonce, now)
    if not is_first:
        raise NonceSpent
    who = _with_access(context, claim.wallet)
    if who is None:
        raise WalletWithoutAccess(wallet=claim.wallet)
    claim.require_signed(context.live.rpc, json.signature)
    count_sign_in(claim.wallet)
    with store.writing(context.engine) as tx:
        sessions.close(tx, _secret())
        secret = sessions.open_session(tx, claim.wallet, now)
    _set_cookie(secret, sessions.LONGEST_S)
    return _shown(who, sessions.Session(claim.wallet, now, now))


@blueprint.get("")
@documented(Session, 401, tag="Sessions")
def show_session() -> Session:
    """Who is signed in."""
    return _shown(*_present())


@blueprint.delete("")
@documented(None, 403, tag="Sessions")
def sign_out() -> Response:
    """End the session, if there is one."""
    with store.writing(here().engine) as tx:
        sessions.close(tx, _secret())
    _set_cookie("", 0)
    return Response(status=204)


def _present() -> tuple[SignedIn, sessions.Session]:
    """The session of this request, noted as in use. Raises SignInNeeded."""
    context, secret, now = here(), _secret(), _now()
    with store.reading(context.engine) as tx:
        session = sessions.find(tx, secret, now)
    who = _with_access(context, session.wallet) if session else None
    if session is None or who is None:
        raise SignInNeeded
    if now - session.seen_at >= sessions.SEEN_EVERY_S:
        with store.writing(context.engine) as tx:
            sessions.see(tx, secret, now)
    return who, session


def _wallet_behind(context: Context, environ: Environ) -> str | None:
    secret = parse_cookie(environ).get(cookie_name(context), "")
    with store.reading(context.engine) as tx:
        session = sessions.find(tx, secret, _now())
    return session.wallet if session else None


def _with_access(context: Context, wallet: str) -> SignedIn | None:
    party = context.live.party_of(wallet)
    return SignedIn(wallet, party) if party or is_officer(context, wallet) else None


def _shown(who: SignedIn, session: sessions.Session) -> Session:
    officer = is_officer(here(), who.wallet)
    facts = {"wallet": who.wallet, "party": who.party or None, "officer": officer, "expires_at": session.expires_at}
    return Session.model_validate(facts)


def _secret() -> str:
    return request.cookies.get(cookie_name(here()), "")


def _set_cookie(secret: str, max_age_s: int) -> None:
    context = here()

    @after_this_request
    def attach(response: Response) -> Response:
        response.set_cookie(
            cookie_name(context),
            secret,
            max_age=max_age_s,
            httponly=True,
            samesite="Strict",
            secure=not context.settings.on_local_chain,
        )
        return response


def _now() -> int:
    return int(time.time())
