"""The sandbox as a whole: starts and stops it, records what it is asked, and makes its faults strike."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from types import TracebackType

from werkzeug.wrappers import Request, Response

from .api import PREFIX, WRITES, Api, page, query_of, reply
from .connection import HOST, Dropped, Listener
from .database import Database, Rows
from .delays import Delays
from .faults import BEFORE, Fault, Faults
from .http import CommentTime
from .limit import RateLimit
from .load import SAMPLE, Account, load_account
from .store import Store

DATABASE = "sandbox.sqlite"
# Another host that is surely not the sandbox, and that nothing leaves the machine for.
ELSEWHERE = "http://127.0.0.2:9"
FORBIDDEN = 599
RELEASE_SECONDS = 10


@dataclass(slots=True)
class Recorded:
    """One request: `path` is below `/api/v1`, `query` is without the key. `status` is 0 as long as, and when, there
    is no answer. `at` is the sandbox's time of its arrival."""

    method: str
    path: str
    query: dict[str, str]
    at: datetime
    status: int = 0


class Sandbox:
    """A Syncro of one's own on loopback; a context manager that serves inside its block."""

    def __init__(
        self,
        data: Path | None = None,
        port: int = 0,
        comment_time: CommentTime = "record",
        rate_limit: int | None = None,
        latency: float = 0.0,
        tickets: int | None = None,
        faults: Sequence[str] = (),
        reset: bool = False,
        now: Callable[[], datetime] | None = None,
        account: Path | None = None,
    ) -> None:
        """Open the account, but don't serve yet.

        `data` is the folder that keeps it (in memory when None; `reset` starts afresh), `comment_time` whether it takes
        the time of a comment or drops it, `rate_limit` the requests a minute, `latency` the seconds that every request
        waits, `tickets` how many the account is filled up to, `faults` as faults.py describes them, `now` its clock
        (aware), `account` the folder of another account than the sample. Raises ValueError for a fault that is none and
        for a file in `data` that is no sandbox, OSError where `data` can't be written.
        """
        self._faults = Faults()
        for spec in faults:
            self.add_fault(spec)
        self._db = _opened(data, reset, account or SAMPLE, tickets, now or _utc_now)
        self._api = Api(self._db, comment_time)
        self._limit = RateLimit(rate_limit)
        self._latency = latency
        self._port = port
        self._listener: Listener | None = None
        self._stopping = threading.Event()
        self._delays = Delays()
        self.store = Store(self._db, self._api.access)
        self.requests: list[Recorded] = []
        self.forbidden: list[Recorded] = []
        self.forbid_writes = False

    # --- running -------------------------------------------------------------------------------------------------

    def __enter__(self) -> Sandbox:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Serve from now on; after `stop` on the same port, with the account as it was. Raises OSError."""
        if self._listener is None:
            self._stopping.clear()
            self._listener = Listener(self._port, self._answer, self._db.clock)
            self._port = self._listener.port
            self._listener.start()

    def stop(self) -> None:
        """Close the server and every connection; what a fault still holds back is never written."""
        if self._listener is not None:
            self._stopping.set()
            self._delays.release(RELEASE_SECONDS)
            self._listener.stop()
            self._listener = None

    def close(self) -> None:
        """Stop, and close the account."""
        self.stop()
        self._db.close()

    def serve_forever(self) -> None:
        """Serve until another thread calls `stop`, or until the keyboard interrupts."""
        self.start()
        try:
            # In short pieces: on Windows, a wait without an end can't be interrupted from the keyboard.
            while not self._stopping.wait(0.5):
                pass
        except KeyboardInterrupt:
            self.stop()

    # --- what callers see ----------------------------------------------------------------------------------------

    @property
    def base_url(self) -> str:
        """Where the API is; the page for people is at `/` of the same host and port."""
        return f"http://{HOST}:{self._port}{PREFIX}"

    @property
    def keys(self) -> dict[int, str]:
        """The key of each technician, by user id."""
        return {row["id"]: row["key"] for row in self._db.rows("SELECT id, key FROM users ORDER BY id")}

    @property
    def key_owner(self) -> int:
        """The user whose key `api_key` is."""
        return int(self._db.meta("key_owner"))

    @property
    def api_key(self) -> str:
        """The key that people are shown."""
        return self.keys[self.key_owner]

    @property
    def second_key(self) -> str:
        """The key of another technician."""
        return next(key for user_id, key in self.keys.items() if user_id != self.key_owner)

    def clear_requests(self) -> None:
        """Forget the requests recorded so far."""
        self.requests.clear()

    def add_fault(self, fault: str | Fault) -> None:
        """Put a fault in force. Raises ValueError for a text that is none."""
        self._faults.add(fault if isinstance(fault, Fault) else Fault.parse(fault))

    def clear_faults(self) -> None:
        """Take all faults away."""
        self._faults.clear()

    @property
    def fault_hits(self) -> list[str]:
        """The faults that struck, as they were written, in order."""
        return self._faults.hits

    def release_late(self) -> None:
        """Let everything go on at once that `hang`, `hang-after` or `late` holds back; return when it has."""
        self._delays.release(RELEASE_SECONDS)

    # --- a request -----------------------------------------------------------------------------------------------

    def _answer(self, request: Request) -> Response:
        path = request.path
        if path != PREFIX and not path.startswith(PREFIX + "/"):
            from .page import show

            return show(self._db, request)
        if self._latency and self._stopping.wait(self._latency):
            raise Dropped
        recorded = Recorded(request.method, path.removeprefix(PREFIX), query_of(request), self._db.clock())
        self.requests.append(recorded)
        if self.forbid_writes and request.method in WRITES:
            self.forbidden.append(recorded)
            response = reply(FORBIDDEN, {"error": "This write was not expected."})
        else:
            response = self._limited(request, recorded)
        recorded.status = response.status_code
        return response

    def _limited(self, request: Request, recorded: Recorded) -> Response:
        refused, seconds = self._limit.refuses(recorded.at)
        if refused:
            return _too_many(seconds)
        fault = self._faults.take(recorded.method, recorded.path)
        return self._api.answer(request) if fault is None else self._struck(fault, request)

    def _struck(self, fault: Fault, request: Request) -> Response:
        if fault.kind in BEFORE:
            return _spoilt(fault, None)
        if fault.kind == "late":
            self._delays.later(fault.seconds, lambda: self._write_late(request))
            raise Dropped
        if fault.kind in ("hang", "hang-after"):
            with self._delays.held(fault.seconds) as wait:
                response = self._api.answer(request) if fault.kind == "hang-after" else None
                wait()
                return response or self._unless_stopping(request)
        return _spoilt(fault, self._api.answer(request))

    def _write_late(self, request: Request) -> None:
        if not self._stopping.is_set():
            self._api.answer(request)

    def _unless_stopping(self, request: Request) -> Response:
        if self._stopping.is_set():
            raise Dropped
        return self._api.answer(request)


def _spoilt(fault: Fault, response: Response | None) -> Response:
    """Return what the client gets to see; `response` is the true answer of a write that was done."""
    if fault.kind.startswith("drop"):
        raise Dropped
    if fault.kind.startswith("500"):
        return reply(500, page("We're sorry, but something went wrong."))
    if fault.kind.startswith("html"):
        return reply(200, page("This site is under maintenance."))
    if fault.kind.startswith("429"):
        return _too_many(int(fault.seconds) if fault.kind == "429-retry" else None)
    if fault.kind == "redirect":
        return Response("", 302, headers={"Location": ELSEWHERE + "/api/v1"}, content_type="text/html")
    if fault.kind == "cut-json" and response is not None:
        whole = response.get_data()
        return Response(whole[: len(whole) // 2], response.status_code, content_type=response.content_type)
    return Response(b"", 204)


def _too_many(seconds: int | None) -> Response:
    response = reply(429, {"error": "Rate limit exceeded. Please try again later."})
    if seconds is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _opened(
    data: Path | None, reset: bool, account: Path, tickets: int | None, now: Callable[[], datetime]
) -> Database:
    """Open the account's database, filled if it is new."""
    path = None
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
        path = data / DATABASE
        if reset:
            for name in (DATABASE, f"{DATABASE}-journal"):
                (data / name).unlink(missing_ok=True)
    db = Database(path, now)
    try:
        if db.is_new:
            loaded = load_account(account)
            db.fill(chain([loaded.rows], _generated(loaded, tickets)), loaded.meta)
    except BaseException:
        db.close()
        raise
    return db


def _generated(loaded: Account, tickets: int | None) -> Iterable[Rows]:
    if tickets is None:
        return ()
    from .generate import generated

    return generated(loaded, tickets)
