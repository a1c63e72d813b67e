"""One request to Syncro with everything around it: limiter, 429, the retries of reads, the meaning of what came back.

A read is tried again after a 5xx, a reset or a timeout. A write never is, except after 429, which took nothing: what
becomes of it is a result, a refusal, or `OutcomeUnknown`.
"""

from __future__ import annotations

import json
import logging
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Generic, NoReturn, TypeVar
from urllib.parse import urlsplit

from synclog.core.settings import AuthStyle
from synclog.errors import KeyRefused, SettingsError, SyncroError
from synclog.syncro import refusals
from synclog.syncro.connections import Answer, Connections, Failure
from synclog.syncro.limiter import OnWait, Pace
from synclog.syncro.messages import server_message
from synclog.syncro.outgoing import Json, json_bytes
from synclog.syncro.redact import Key, guard_logs, unguard_logs
from synclog.syncro.refusals import Asked
from synclog.syncro.shapes import ShapeError

logger = logging.getLogger(__name__)

T = TypeVar("T")

_RETRIES = 3
_WAITS_FOR_429 = 3
_PAUSE_WITHOUT_WORD = 60.0
_LONGEST_PAUSE = 15 * 60.0


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """What was read of an answer, and the server's clock when it gave it (its Date header)."""

    value: T
    server_time: datetime | None


class Transport:
    """Requests to one account. Safe for threads; `requests_made` counts what was sent, tries included."""

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        auth: AuthStyle,
        timeout: float,
        limiter: Pace,
        sleep: Callable[[float], None],
        on_wait: OnWait | None,
    ) -> None:
        """Raises SettingsError for an address that is none, KeyRefused where the key must not go over the wire so."""
        self.base_url = base_url.rstrip("/")
        self._host, loopback = _checked_host(self.base_url)
        self._key = Key(key)
        guard_logs(self._key)
        self._connections = Connections(self._key, auth, timeout, loopback=loopback)
        self._limiter = limiter
        self._sleep = sleep
        self._on_wait = on_wait
        self._lock = threading.Lock()
        self.requests_made = 0
        self.server_time: datetime | None = None

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()
        unguard_logs(self._key)

    def read(self, path: str, params: Mapping[str, str], parse: Callable[[object], T]) -> Reply[T]:
        """GET `path` and return what `parse` makes of its JSON.

        Raises a SyncroError: the class of the status, NoAnswer, NotJson (`parse` raised ShapeError), RedirectRefused.
        """
        asked = Asked("GET", path, self._host)
        for attempt in range(1, _RETRIES + 2):
            result = self._patiently(asked, lambda: self._connections.read(self.base_url + path, params))
            if attempt > _RETRIES or not _worth_retrying(result):
                break
            reason = result.reason if isinstance(result, Failure) else f"Syncro answered {result.status}"
            self._pause(f"{asked}: {reason}; trying again", 2 ** (attempt - 1) * random.uniform(0.5, 1.5))  # noqa: S311
        if isinstance(result, Failure):
            raise refusals.of_failure(asked, result, attempt)
        if not 200 <= result.status < 300:
            raise refusals.of_status(asked, result, self._key)
        value = self._understood(asked, result, parse)
        if isinstance(value, SyncroError):
            raise value
        return Reply(value, _date_of(result))

    def write(self, method: str, path: str, body: Json, parse: Callable[[object], T]) -> T:
        """Send a write, once, and return what `parse` makes of the answer (None when its body is empty).

        Raises the class of a 4xx: Syncro took nothing. NoAnswer: there was no connection, nothing was sent.
        OutcomeUnknown for all else.
        """
        asked = Asked(method, path, self._host)
        sent = None if body is None else json_bytes(body)
        result = self._patiently(asked, lambda: self._connections.write(method, self.base_url + path, sent))
        if isinstance(result, Failure):
            error = refusals.of_failure(asked, result)
            if result.nothing_sent:
                raise error
            self._unknown(asked, error)
        if 400 <= result.status < 500:
            raise refusals.of_status(asked, result, self._key)
        if not 200 <= result.status < 300:
            self._unknown(asked, refusals.of_status(asked, result, self._key))
        value = self._understood(asked, result, parse)
        if isinstance(value, SyncroError):
            self._unknown(asked, value)
        return value

    @staticmethod
    def _unknown(asked: Asked, cause: SyncroError) -> NoReturn:
        raise refusals.outcome_unknown(asked, cause)

    def _patiently(self, asked: Asked, send: Callable[[], Answer | Failure]) -> Answer | Failure:
        """Send, and after a 429 wait as long as Syncro says and send again: it took nothing."""
        waits = 0
        while True:
            self._limiter.acquire(self._on_wait)
            result = send()
            self._note(result)
            # Method and path only, never the query, which may hold the key.
            logger.info("%s: %s", asked, result.reason if isinstance(result, Failure) else result.status)
            if isinstance(result, Failure) or result.status != 429:
                return result
            pause = _retry_after(result)
            self._limiter.hold(pause)
            if waits == _WAITS_FOR_429 or pause > _LONGEST_PAUSE:
                raise refusals.of_status(asked, result, self._key)
            waits += 1
            self._pause(f"{asked}: Syncro had too many requests", pause)

    def _note(self, result: Answer | Failure) -> None:
        with self._lock:
            self.requests_made += 1
            if isinstance(result, Answer):
                self.server_time = _date_of(result) or self.server_time

    def _pause(self, reason: str, seconds: float) -> None:
        if self._on_wait is not None:
            self._on_wait(reason, seconds)
        self._sleep(seconds)

    def _understood(self, asked: Asked, answer: Answer, parse: Callable[[object], T]) -> T | SyncroError:
        """Return what `parse` reads in the body, or the error that says why it can't. Never raises it: what it
        would carry along as context is not for a traceback."""
        said = ""
        try:
            document = _json(answer.body) if answer.body.strip() else None
            return parse(document)
        except ShapeError as error:
            why = str(error)
            said = server_message(answer.body) if isinstance(document, dict) and _tells(document) else ""
        except (ValueError, RecursionError):
            is_page = answer.body.lstrip()[:1] == b"<"
            why = "it is an HTML page" if is_page else "it is not JSON, or cut short"
            said = server_message(answer.body)[:200] if is_page else ""
        return refusals.not_json(asked, answer.status, self._key.redact(why), self._key.redact(said))


def _tells(document: Mapping[str, object]) -> bool:
    return any(document.get(name) for name in ("error", "errors", "message"))


def _json(body: bytes) -> object:
    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is not JSON")

    return json.loads(body, parse_float=Decimal, parse_constant=refuse)


def _worth_retrying(result: Answer | Failure) -> bool:
    return result.again if isinstance(result, Failure) else result.status >= 500


def _retry_after(answer: Answer) -> float:
    """Return the seconds that a 429 asks for; 60 when it does not say, or says nothing sensible."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    until, now = _date(text), _date_of(answer) or datetime.now(UTC)
    if until is None:
        return _PAUSE_WITHOUT_WORD
    return max(1.0, (until - now).total_seconds())


def _date_of(answer: Answer) -> datetime | None:
    return _date(answer.headers.get("date", ""))


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _checked_host(base_url: str) -> tuple[str, bool]:
    """Return the host (with its port) of `base_url`, and whether it is this machine itself."""
    remedy = "it looks like https://SUBDOMAIN.syncromsp.com/api/v1"
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment or "@" in parts.netloc:
        raise SettingsError("syncro.base_url is not an address of a Syncro account", remedy=remedy)
    loopback = host in ("localhost", "::1") or (host.startswith("127.") and host.replace(".", "").isdigit())
    if parts.scheme == "http" and not loopback:
        raise KeyRefused(f"a key goes only over https, and syncro.base_url names http://{host}", remedy=remedy)
    return (f"{host}:{port}" if port else host), loopback
