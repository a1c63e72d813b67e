"""The key goes to Syncro, and nowhere else that a person or a file could see."""

from __future__ import annotations

import io
import logging
import pickle
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from support.clients import KEY, client_of
from support.scripted import Asked, Cut, Drop, Hang, Reset, Say, ScriptedServer

from synclog.errors import SynclogError
from synclog.model import CommentDraft
from synclog.syncro.client import SyncroClient
from synclog.syncro.redact import Key

FORMS = {KEY, quote(KEY), quote(KEY, safe=""), quote_plus(KEY)}


def parrot(status: int) -> Callable[[Asked], Say]:
    """A server that repeats the key in what it says, as error pages do that show the address."""
    return lambda asked: Say(status, {"error": f"No route for {asked.path}?api_key={quote(KEY)} ({KEY})"})


TROUBLES: dict[str, Any] = {
    "401": parrot(401),
    "404": parrot(404),
    "422": parrot(422),
    "429": parrot(429),
    "500": parrot(500),
    "told in a success": parrot(200),
    "page": lambda asked: Say(200, f"<html><body>Sign in to go on to /me?api_key={KEY}</body></html>"),
    "reset": Reset(),
    "drop": Drop(),
    "cut": Cut(),
    "hang": Hang(),
    "redirect": lambda asked: Say(302, "", {"Location": f"https://{asked.query.get('api_key')}@elsewhere.example/"}),
    "not http": Say(200, b"", {"Content-Length": "nine"}),
}


def everything_about(error: BaseException) -> str:
    """What any handler, however curious, could print of an error: texts, causes, attributes, locals of frames."""
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and one not in seen:
            seen.append(one)
            waiting += [one.__cause__, one.__context__]
    texts = [f"{one} {one!r} {one.args!r} {vars(one)!r}" for one in seen]
    lines = traceback.format_exception(error)
    return "\n".join(texts + lines)


def assert_no_key(text: str) -> None:
    for form in FORMS:
        assert form not in text


@pytest.mark.parametrize("auth", ["query", "bearer"])
@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_no_error_shows_the_key(trouble: str, write: bool, auth: Any) -> None:
    with ScriptedServer(TROUBLES[trouble]) as server, client_of(server, auth=auth, timeout=0.2) as client:
        call = partial(client.add_comment, 5, CommentDraft("Update", "x", "public")) if write else client.me
        with pytest.raises(SynclogError) as caught:
            call()
    assert_no_key(everything_about(caught.value))


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/api/v1", "https://127.0.0.1:1/api/v1"])
def test_an_error_without_a_connection_does_not_show_the_key(address: str) -> None:
    with client_of(address) as client, pytest.raises(SynclogError) as caught:
        client.me()
    assert caught.value.__cause__ is not None
    assert_no_key(everything_about(caught.value))


def test_frames_of_an_error_hold_no_readable_key() -> None:
    with ScriptedServer(Reset()) as server, client_of(server) as client, pytest.raises(SynclogError) as caught:
        client.me()
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [frame for frame in shown.stack if "/tests/" not in frame.filename.replace("\\", "/")]
    assert ours
    assert_no_key(str([frame.locals for frame in ours]))


@pytest.mark.parametrize("trouble", TROUBLES)
def test_no_log_line_of_any_library_shows_the_key(trouble: str) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with ScriptedServer(TROUBLES[trouble]) as server, client_of(server, timeout=0.2) as client:
            for call in (client.me, lambda: client.delete_ticket(5)):
                with pytest.raises(SynclogError):
                    call()
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert "127.0.0.1" in stream.getvalue()
    assert_no_key(stream.getvalue())


def test_the_logs_stay_guarded_after_the_client_is_closed(caplog: pytest.LogCaptureFixture) -> None:
    client_of("http://127.0.0.1:1/api/v1").close()
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("urllib3.connectionpool").debug("GET %s", f"/me?page=1&api_key={quote(KEY)}&x=1")
        try:
            raise ValueError(f"https://acme.example/me?api_key={KEY}")
        except ValueError:
            logging.getLogger("urllib3.connection").warning("failed", exc_info=True)
    assert "page=1&api_key=[key]&x=1" in caplog.text
    assert_no_key(caplog.text)


def test_no_repr_shows_the_key() -> None:
    with SyncroClient("https://acme.example/api/v1", KEY) as client:
        assert_no_key(repr(client) + str(client))
        assert_no_key(repr(client._transport) + repr(vars(client._transport)))
        assert_no_key(repr(vars(client._transport._connections)))
    assert_no_key(f"{Key(KEY)} {Key(KEY)!r}")


def test_a_key_is_not_pickled() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Key(KEY))


def test_waits_are_told_without_the_key() -> None:
    told: list[str] = []
    with (
        ScriptedServer(parrot(429)) as server,
        client_of(server, on_wait=lambda r, s: told.append(r)) as client,
        pytest.raises(SynclogError),
    ):
        client.me()
    assert told
    assert_no_key(str(told))
