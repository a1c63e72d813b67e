"""One HTTP exchange: bytes out, bytes in, over connections that are kept alive. Never sends anything twice.

What a caller must know about a failed write is decided here: whether a byte of it was sent (progress.py notes it).
Redirects are not followed, retries of the libraries are off, answers are bounded in size and time, TLS certificates
are always checked.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from socket import gaierror

import requests
import urllib3
from requests.auth import AuthBase

from synclog import __version__
from synclog.core.settings import AuthStyle
from synclog.syncro.progress import NotingAdapter, Progress, noting
from synclog.syncro.redact import Key, Redacted

MOST_BYTES = 64 * 1024 * 1024
_CHUNK = 64 * 1024
_PATIENCE = 4
"""A whole answer may take this many times the timeout, which is for each wait on the network alone."""

_SURELY_ALIVE = 2.0
"""Seconds since its last answer within which a write trusts a connection: servers keep idle ones for 5 s and more."""

_EXPECTED = (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Names of `headers` are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Failure:
    """No usable answer. `nothing_sent`: surely not a byte of the request left; `again`: trying again may help."""

    reason: str
    cause: Redacted
    nothing_sent: bool
    again: bool = True
    too_large: bool = False
    remedy: str = ""


class Connections:
    """The connections to one Syncro, for any number of threads.

    Reads share a pool. Writes go one after the other over a connection that answered a moment ago, or a new one: a
    server may close an idle connection at any time, and a write that meets this has an unknown outcome.
    """

    def __init__(self, key: Key, auth: AuthStyle, timeout: float, *, loopback: bool) -> None:
        self._key = key
        self._auth = _KeyAuth(key, auth)
        self._timeout = timeout
        self._reads = _session(loopback)
        self._writes = _session(loopback)
        self._write_lock = threading.Lock()
        self._written_at = float("-inf")

    def read(self, url: str, params: Mapping[str, str]) -> Answer | Failure:
        """Send a GET, once."""
        return self._exchange(self._reads, requests.Request("GET", url, params=dict(params)))

    def write(self, method: str, url: str, body: bytes | None) -> Answer | Failure:
        """Send a POST, PUT or DELETE, once, with a JSON body or none."""
        with self._write_lock:
            if time.monotonic() - self._written_at > _SURELY_ALIVE:
                self._writes.close()
            headers = {"Content-Type": "application/json"}
            result = self._exchange(self._writes, requests.Request(method, url, headers=headers, data=body))
            self._written_at = time.monotonic() if isinstance(result, Answer) else float("-inf")
            return result

    def close(self) -> None:
        self._reads.close()
        self._writes.close()

    def _exchange(self, session: requests.Session, request: requests.Request) -> Answer | Failure:
        progress = Progress()
        try:
            request.auth = self._auth
            prepared = session.prepare_request(request)
            settings = session.merge_environment_settings(prepared.url or "", {}, True, None, None)
            with noting(progress, self._timeout * _PATIENCE):
                response = session.send(prepared, timeout=self._timeout, allow_redirects=False, **settings)
                try:
                    body = _body_of(response)
                finally:
                    response.close()
            if progress.expired:
                raise requests.Timeout("the answer went on for too long")
        except _EXPECTED as error:
            return self._failure(error, progress)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, body)

    def _failure(self, error: Exception, progress: Progress) -> Failure:
        causes = tuple(_chain(error))
        cause = Redacted(error, self._key)
        unsent = progress.connecting and not progress.sending
        if isinstance(error, _TooLarge):
            return Failure(str(error), cause, unsent, again=False, too_large=True)
        if any(isinstance(e, ssl.SSLCertVerificationError) for e in causes):
            remedy = (
                "the connection is not private, so the key was not sent: check the address, the machine's clock, and "
                "whether a proxy needs its certificate in REQUESTS_CA_BUNDLE"
            )
            return Failure("the server's certificate is not valid", cause, unsent, again=False, remedy=remedy)
        return Failure(_reason(causes, progress, self._timeout), cause, unsent)


def _reason(causes: tuple[BaseException, ...], progress: Progress, timeout: float) -> str:
    if any(isinstance(e, gaierror | urllib3.exceptions.NameResolutionError) for e in causes):
        return "no connection, the name of the host is not known"
    if any(isinstance(e, ConnectionRefusedError) for e in causes):
        return "no connection, the host refused it"
    if progress.expired or any(isinstance(e, requests.Timeout | TimeoutError) for e in causes):
        return f"no answer within {timeout:g} s" if progress.sending else f"no connection within {timeout:g} s"
    return "the connection broke before the answer was complete" if progress.sending else "no connection"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and what it wraps: libraries put it into cause, context, arguments or `reason`."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
            yield one


class _TooLarge(ValueError):
    """The answer is larger than anything Syncro says."""


def _body_of(response: requests.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(_CHUNK):
        size += len(part)
        if size > MOST_BYTES:
            raise _TooLarge(f"the answer is larger than {MOST_BYTES // (1024 * 1024)} MiB")
        parts.append(part)
    return b"".join(parts)


class _KeyAuth(AuthBase):
    """Puts the key where `auth` says. Being there at all, it keeps requests from sending what a .netrc holds."""

    def __init__(self, key: Key, style: AuthStyle) -> None:
        self._key = key
        self._style = style

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._style == "bearer":
            request.headers["Authorization"] = f"Bearer {self._key.reveal()}"
        else:
            request.prepare_url(request.url, {"api_key": self._key.reveal()})
        return request


class _Session(requests.Session):
    """A session to which no answer is a redirect: requests would read such a body without bounds, too."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


def _session(loopback: bool) -> requests.Session:
    session = _Session()
    # Loopback is http: a proxy of the environment would get to see the key.
    session.trust_env = not loopback
    session.headers.update({"Accept": "application/json", "User-Agent": f"synclog/{__version__}"})
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, NotingAdapter(max_retries=0, pool_connections=2, pool_maxsize=8))
    return session
