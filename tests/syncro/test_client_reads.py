"""How one read goes: its auth, its retries, its errors, its bounds."""

from __future__ import annotations

import gzip
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.clients import KEY, Waits, client_of
from support.scripted import Asked, Cut, Drip, Drop, Hang, Move, Reset, Say, ScriptedServer

from synclog.errors import (
    Forbidden,
    KeyRefused,
    NoAnswer,
    NotFound,
    NotJson,
    RateLimited,
    RedirectRefused,
    Rejected,
    ServerFailed,
    SettingsError,
    SyncroError,
    Unauthorised,
)
from synclog.syncro import connections
from synclog.syncro.client import SyncroClient

ME = Say(body={"user_id": 1735, "user_name": "Mike Swanson", "user_email": "mike@copperline.example"})


def unused_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def test_the_key_goes_into_the_query_by_default() -> None:
    with ScriptedServer(ME) as server, client_of(server) as client:
        client.me()
    assert server.requests[0].query == {"api_key": KEY}
    assert "authorization" not in server.requests[0].headers


def test_the_key_goes_into_the_header_alone_where_that_is_set() -> None:
    with ScriptedServer(ME) as server, client_of(server, auth="bearer") as client:
        client.me()
    assert server.requests[0].query == {}
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_what_a_netrc_holds_is_never_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password of-another-service\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with ScriptedServer(ME) as server, client_of(server) as client:
        client.me()
    assert "authorization" not in server.requests[0].headers


def test_a_proxy_of_the_environment_never_sees_what_goes_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(ME) as server, ScriptedServer(ME) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.base_url.removesuffix("/api/v1"))
        with client_of(server) as client:
            client.me()
    assert (len(server.requests), len(proxy.requests)) == (1, 0)


def test_one_connection_serves_many_reads() -> None:
    with ScriptedServer(ME) as server, client_of(server) as client:
        for _ in range(5):
            client.me()
    assert (len(server.requests), server.connections, client.requests_made) == (5, 1, 5)


def test_cookies_of_the_server_are_not_sent_back() -> None:
    with (
        ScriptedServer(Say(body=ME.body, headers={"Set-Cookie": "_session=abc; Path=/"})) as server,
        client_of(server) as client,
    ):
        client.me()
        client.me()
    assert "cookie" not in server.requests[1].headers


def test_the_servers_clock_is_read_from_its_answers() -> None:
    said = Say(body=ME.body, headers={"Date": "Fri, 17 Apr 2026 18:17:40 GMT"})
    nonsense = Say(body=ME.body, headers={"Date": "yesterday"})
    with ScriptedServer(said, nonsense) as server, client_of(server) as client:
        assert client.server_time is None
        client.me()
        client.me()
        assert client.server_time == datetime(2026, 4, 17, 18, 17, 40, tzinfo=UTC)


@pytest.mark.parametrize("trouble", [Say(500), Say(502, "<h1>Bad gateway</h1>"), Say(503), Reset(), Drop(), Cut()])
def test_a_failed_read_is_tried_again_until_it_works(trouble: Move) -> None:
    waits = Waits()
    with ScriptedServer(trouble, trouble, trouble, ME) as server, client_of(server, waits) as client:
        assert client.me().user_id == 1735
    assert len(server.requests) == 4
    assert len(waits.slept) == 3
    assert waits.slept == [seconds for _, seconds in waits.told]


def test_the_pauses_between_tries_grow_and_are_not_alike() -> None:
    first = set()
    for _ in range(4):
        waits = Waits()
        with ScriptedServer(Say(500)) as server, client_of(server, waits) as client, pytest.raises(ServerFailed):
            client.me()
        for pause, around in zip(waits.slept, (1, 2, 4), strict=True):
            assert around * 0.5 <= pause <= around * 1.5
        first.add(waits.slept[0])
    assert len(first) > 1


def test_a_read_gives_up_after_three_more_tries() -> None:
    with (
        ScriptedServer(Say(500, {"error": "boom"})) as server,
        client_of(server) as client,
        pytest.raises(ServerFailed) as caught,
    ):
        client.me()
    assert len(server.requests) == 4
    assert (caught.value.status, caught.value.server_message, caught.value.request) == (500, "boom", "GET /me")


@pytest.mark.parametrize("trouble", [Reset(), Drop(), Cut()])
def test_a_read_without_an_answer_says_so(trouble: Move) -> None:
    with ScriptedServer(trouble) as server, client_of(server) as client, pytest.raises(NoAnswer) as caught:
        client.me()
    assert len(server.requests) == 4
    assert caught.value.status == 0
    assert "4 attempts" in caught.value.message


def test_a_server_that_hangs_does_not_hold_us() -> None:
    with (
        ScriptedServer(Hang()) as server,
        client_of(server, timeout=0.1) as client,
        pytest.raises(NoAnswer, match=r"no answer within 0\.1 s"),
    ):
        client.me()
    assert len(server.requests) == 4


def test_a_server_that_drips_does_not_hold_us() -> None:
    with (
        ScriptedServer(Drip(b" ", every=0.02)) as server,
        client_of(server, timeout=0.1) as client,
        pytest.raises(NoAnswer),
    ):
        client.me()


def test_an_endless_answer_does_not_fill_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_BYTES", 1024 * 1024)
    with (
        ScriptedServer(Drip()) as server,
        client_of(server) as client,
        pytest.raises(NotJson, match="larger than 1 MiB"),
    ):
        client.me()
    assert len(server.requests) == 1


def test_an_endless_redirect_does_not_fill_memory_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_BYTES", 1024 * 1024)
    endless = Drip(status=302, headers={"Location": "/elsewhere"})
    with (
        ScriptedServer(endless) as server,
        client_of(server, timeout=1) as client,
        pytest.raises(NotJson, match="larger than 1 MiB"),
    ):
        client.me()
    assert server.dripped < 32 * 1024 * 1024  # what sockets buffer


def test_a_small_answer_that_unpacks_to_a_huge_one_does_not_fill_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_BYTES", 1024 * 1024)
    bomb = Say(body=gzip.compress(b" " * 8 * 1024 * 1024), headers={"Content-Encoding": "gzip"})
    with ScriptedServer(bomb) as server, client_of(server) as client, pytest.raises(NotJson, match="larger than 1 MiB"):
        client.me()


def test_no_connection_says_why() -> None:
    waits = Waits()
    with (
        client_of(f"http://127.0.0.1:{unused_port()}/api/v1", waits) as client,
        pytest.raises(NoAnswer, match="the host refused it") as caught,
    ):
        client.me()
    assert len(waits.slept) == 3
    assert "syncro.base_url" in caught.value.remedy


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Rejected), (401, Unauthorised), (403, Forbidden), (404, NotFound), (409, Rejected), (422, Rejected)],
)
def test_a_refused_read_is_not_tried_again_and_has_its_own_class(status: int, kind: type[SyncroError]) -> None:
    with (
        ScriptedServer(Say(status, {"error": "Not this time"})) as server,
        client_of(server) as client,
        pytest.raises(kind) as caught,
    ):
        client.ticket(108443837)
    assert type(caught.value) is kind
    assert len(server.requests) == 1
    assert caught.value.status == status
    assert caught.value.server_message == "Not this time"
    assert caught.value.remedy
    assert caught.value.request == "GET /tickets/108443837"


@pytest.mark.parametrize(
    "body",
    [
        "<html><title>Sign in</title></html>",
        b"",
        b"   ",
        b'{"user_id": 17',
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b"NaN",
        b'{"user_id": Infinity}',
        b"[" * 100000,
        b'{"user_id": ' + b"9" * 5000 + b"}",
        b'{"user_id": null}',
        b'"hi"',
    ],
)
def test_a_success_that_is_not_the_json_it_should_be_is_told_as_that(body: object) -> None:
    with ScriptedServer(Say(body=body)) as server, client_of(server) as client, pytest.raises(NotJson) as caught:
        client.me()
    assert len(server.requests) == 1
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_what_is_essential_and_missing_is_named() -> None:
    ticket = {"id": 7, "number": 32162, "customer_id": 3, "created_at": "2026-04-15T09:12:00Z", "subject": "Slow"}
    with (
        ScriptedServer(Say(body={"ticket": ticket})) as server,
        client_of(server) as client,
        pytest.raises(NotJson, match="ticket 7 has no usable `updated_at`"),
    ):
        client.ticket(7)


def test_a_success_that_tells_of_an_error_shows_it() -> None:
    with (
        ScriptedServer(Say(body={"error": "Account is being moved"})) as server,
        client_of(server) as client,
        pytest.raises(NotJson, match="Account is being moved"),
    ):
        client.me()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(status: int) -> None:
    with ScriptedServer(ME) as elsewhere:
        there = Say(status, "", {"Location": f"{elsewhere.base_url}/me"})
        with ScriptedServer(there) as server, client_of(server) as client:
            with pytest.raises(RedirectRefused, match="redirects"):
                client.me()
            server.then([Say(status, "", {"Location": "/login"}), ME])
            with pytest.raises(RedirectRefused):
                client.me()
    assert (len(server.requests), len(elsewhere.requests)) == (2, 0)


def test_after_429_it_waits_as_long_as_the_server_says() -> None:
    waits = Waits()
    with ScriptedServer(Say(429, {}, {"Retry-After": "17"}), ME) as server, client_of(server, waits) as client:
        client.me()
    assert waits.slept == [17.0]
    assert "too many requests" in waits.told[0][0]


@pytest.mark.parametrize("word", [{}, {"Retry-After": ""}, {"Retry-After": "soon"}, {"Retry-After": "-5"}])
def test_after_429_without_a_sensible_word_it_waits_a_minute(word: dict[str, str]) -> None:
    waits = Waits()
    with ScriptedServer(Say(429, "slow down", word), ME) as server, client_of(server, waits) as client:
        client.me()
    assert waits.slept == [60.0]


def test_after_429_with_a_time_it_waits_until_then() -> None:
    def later(asked: Asked) -> Say:
        at = datetime.now(UTC).timestamp() + 30
        return Say(429, {}, {"Retry-After": datetime.fromtimestamp(at, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")})

    waits = Waits()
    with ScriptedServer(later, ME) as server, client_of(server, waits) as client:
        client.me()
    assert 25 <= waits.slept[0] <= 31


def test_429_that_does_not_end_is_told() -> None:
    waits = Waits()
    with (
        ScriptedServer(Say(429, {"error": "Rate limit"})) as server,
        client_of(server, waits) as client,
        pytest.raises(RateLimited) as caught,
    ):
        client.me()
    assert waits.slept == [60.0] * 3
    assert caught.value.status == 429


def test_a_429_that_asks_for_hours_is_told_at_once() -> None:
    waits = Waits()
    with (
        ScriptedServer(Say(429, {}, {"Retry-After": "86400"})) as server,
        client_of(server, waits) as client,
        pytest.raises(RateLimited),
    ):
        client.me()
    assert waits.slept == []


def test_many_threads_share_one_client() -> None:
    def echo(asked: Asked) -> Say:
        return Say(body={"product": {"id": int(asked.path.rsplit("/", 1)[1]), "name": "Labor", "price_retail": "95"}})

    with ScriptedServer(echo) as server, client_of(server) as client, ThreadPoolExecutor(6) as pool:
        products = list(pool.map(client.product, range(1, 41)))
    assert [product.id for product in products] == list(range(1, 41))
    assert client.requests_made == 40
    assert server.connections <= 8


@pytest.mark.parametrize(
    "address",
    [
        "",
        "acme",
        "ftp://acme.example/api/v1",
        "https://",
        "https://user:pass@acme.example/api/v1",
        "http://[::1",
        "https://acme.example:port/api/v1",
        "https://acme.example/api/v1?x=1",
    ],
)
def test_an_address_that_is_none_is_refused_at_once(address: str) -> None:
    with pytest.raises(SettingsError):
        SyncroClient(address, KEY)


@pytest.mark.parametrize("host", ["acme.example", "127.0.0.1.example.com", "localhost.example", "10.0.0.7"])
def test_a_key_goes_over_plain_http_to_this_machine_alone(host: str) -> None:
    with pytest.raises(KeyRefused, match="https"):
        SyncroClient(f"http://{host}/api/v1", KEY)
    SyncroClient(f"https://{host}/api/v1", KEY).close()


@pytest.mark.parametrize("key", ["", " ", "two words", "line\nbreak", "tab\t", "schlüssel", "x\x00"])
def test_a_key_that_is_none_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(KeyRefused) as caught:
        SyncroClient("https://acme.example/api/v1", key)
    assert not key.strip() or key not in caught.value.message + caught.value.remedy
