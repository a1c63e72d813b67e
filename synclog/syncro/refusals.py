"""From what came back, or did not, to the error that says so: one class for each meaning."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from synclog.errors import (
    Forbidden,
    NoAnswer,
    NotFound,
    NotJson,
    OutcomeUnknown,
    RateLimited,
    RedirectRefused,
    Rejected,
    ServerFailed,
    SyncroError,
    Unauthorised,
)
from synclog.syncro.connections import Answer, Failure
from synclog.syncro.messages import one_line, server_message
from synclog.syncro.redact import Key

_REMEDIES: dict[type[SyncroError], str] = {
    Unauthorised: "the key is not valid (any more), or belongs to another account: make a new one in Syncro under "
    "Admin > API Tokens and set it on this machine; `synclog doctor` checks it",
    Forbidden: "the key lacks a permission: give it to the key in Syncro under Admin > API Tokens, or to its owner's "
    "security group",
    NotFound: "it was deleted or merged, or this key may not see it: look it up in Syncro's web interface",
    Rejected: "Syncro took nothing: correct what the message names and try again",
    RateLimited: "Syncro took nothing. Everybody behind this internet address shares its limit: try again in some "
    "minutes, or lower `syncro.rate_limit` in synclog.yaml",
    ServerFailed: "Syncro has a problem of its own: try again in some minutes",
    NoAnswer: "check the network and `syncro.base_url` in synclog.yaml, then try again",
    NotJson: "try again; if it stays so, check `syncro.base_url` in synclog.yaml: it ends in /api/v1",
    RedirectRefused: "the key goes to no other address than `syncro.base_url` in synclog.yaml: correct it there if "
    "the account has moved",
    OutcomeUnknown: "it may have happened: don't send it again by hand; the next push looks in Syncro before it "
    "sends anything",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as messages name it: method and path without the query, and the host."""

    method: str
    path: str
    host: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def of_status(asked: Asked, answer: Answer, key: Key) -> SyncroError:
    """Return the error for an answer that is no success, with the server's message as the server wrote it."""
    status = answer.status
    if 300 <= status < 400:
        return _redirected(asked, answer, key)
    said = key.redact(server_message(answer.body))
    message = f"{asked}: {_meaning(status)} ({status}) from {asked.host}" + (f": {said}" if said else "")
    return _error(_class_of(status), message, asked, status, said)


def of_failure(asked: Asked, failure: Failure, attempts: int = 1) -> SyncroError:
    """Return the error for a request that brought no usable answer, and that surely changed nothing."""
    times = f" ({attempts} attempts)" if attempts > 1 else ""
    kind = NotJson if failure.too_large else NoAnswer
    error = _error(kind, f"{asked}: {failure.reason}{times}, {asked.host}", asked)
    error.remedy = failure.remedy or error.remedy
    error.__cause__ = failure.cause
    return error


def not_json(asked: Asked, status: int, why: str, said: str = "") -> SyncroError:
    """Return the error for a success whose body is not what it should be; `why` says what is wrong with it."""
    message = f"{asked}: the answer of {asked.host} can't be used: {why}" + (f" ({said})" if said else "")
    return _error(NotJson, message, asked, status, said)


def outcome_unknown(asked: Asked, cause: SyncroError) -> SyncroError:
    """Return the error for a write that was sent and about which `cause` is all that is known."""
    told = cause.message.removeprefix(f"{asked}: ")
    message = f"{asked}: whether Syncro did it is not known: {told}"
    error = _error(OutcomeUnknown, message, asked, cause.status, cause.server_message)
    if isinstance(cause, RedirectRefused):
        error.remedy = f"{error.remedy}. {cause.remedy}"
    error.__cause__ = cause
    return error


def _class_of(status: int) -> type[SyncroError]:
    known = {401: Unauthorised, 403: Forbidden, 404: NotFound, 429: RateLimited}
    return known.get(status) or (Rejected if 400 <= status < 500 else ServerFailed)


def _meaning(status: int) -> str:
    meanings = {
        401: "key refused",
        403: "not permitted",
        404: "not found",
        422: "not accepted",
        429: "too many requests",
    }
    return meanings.get(status) or ("not accepted" if 400 <= status < 500 else "server error")


def _redirected(asked: Asked, answer: Answer, key: Key) -> SyncroError:
    target = _host_of(answer.headers.get("location", ""))
    elsewhere = f"to {key.redact(target)}" if target and target != asked.host else "to another address of its own"
    return _error(
        RedirectRefused, f"{asked}: {asked.host} redirects ({answer.status}) {elsewhere}", asked, answer.status
    )


def _host_of(url: str) -> str:

    try:
        return one_line(urlsplit(url).netloc.rpartition("@")[2])[:200]
    except ValueError:
        return ""


def _error(kind: type[SyncroError], message: str, asked: Asked, status: int = 0, said: str = "") -> SyncroError:
    return kind(message, remedy=_REMEDIES[kind], request=str(asked), status=status, server_message=said)
