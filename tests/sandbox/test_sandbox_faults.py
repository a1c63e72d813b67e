"""Each kind of fault: what the client gets to see, and what is written nevertheless."""

from __future__ import annotations

import json

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from synclog.sandbox import Fault
from synclog.sandbox.faults import AFTER, BEFORE, KINDS, TIMED

NOTE = {"subject": "Update", "body": "<p>Done.</p>", "do_not_email": True}
LONG = 3600


def post(api, **options):
    return api("POST", "/tickets/5001/comment", json=NOTE, **options)


def written(sandbox):
    return len(sandbox.store.comments(5001)) - 1


@pytest.mark.parametrize("kind", sorted(BEFORE))
def test_after_a_fault_before_the_write_nothing_is_written(sandbox, api, kind):
    sandbox.add_fault(f"{kind} POST /tickets/*/comment #1")
    try:
        assert post(api).status_code != 204
    except requests.ConnectionError:
        assert kind == "drop-before"
    assert written(sandbox) == 0
    assert sandbox.fault_hits == [f"{kind} POST /tickets/*/comment #1"]
    assert post(api).status_code == 200
    assert written(sandbox) == 1


@pytest.mark.parametrize("kind", sorted(AFTER))
def test_after_a_fault_behind_the_write_it_is_written_once(sandbox, api, kind):
    sandbox.add_fault(f"{kind} POST /tickets/*/comment #1")
    try:
        answer = post(api)
        with pytest.raises(requests.JSONDecodeError):
            answer.json()
    except requests.ConnectionError:
        assert kind == "drop-after"
    assert written(sandbox) == 1


@pytest.mark.parametrize("kind", ["drop-before", "drop-after", "late=3600"])
def test_a_dropped_connection_has_no_answer(sandbox, api, kind):
    sandbox.add_fault(f"{kind} POST /tickets/*/comment")
    with pytest.raises(requests.ConnectionError):
        post(api)
    assert sandbox.requests[-1].status == 0


@pytest.mark.parametrize(
    ("kind", "status"),
    [("500-before", 500), ("500-after", 500), ("html-before", 200), ("html-after", 200)],
)
def test_a_page_comes_where_json_should_be(sandbox, api, kind, status):
    sandbox.add_fault(f"{kind} POST /**")
    answer = post(api)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


def test_429_comes_with_and_without_the_time_to_wait(sandbox, api):
    sandbox.add_fault("429 GET /me #1")
    sandbox.add_fault("429-retry=7 GET /me #2")
    sandbox.add_fault("429-retry GET /me #3")
    answers = [api("GET", "/me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429] * 3
    assert [answer.headers.get("Retry-After") for answer in answers] == [None, "7", "60"]


def test_cut_json_is_a_whole_answer_that_can_not_be_read(sandbox, api):
    sandbox.add_fault("cut-json GET /tickets/*")
    answer = api("GET", "/tickets/5001")
    assert answer.headers["Content-Type"].startswith("application/json")
    assert len(answer.content) == int(answer.headers["Content-Length"])
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)


def test_empty_is_204_without_a_body_and_the_connection_goes_on(sandbox, api):
    sandbox.add_fault("empty POST /tickets/*/comment #1")
    answer = post(api)
    assert (answer.status_code, answer.content) == (204, b"")
    assert post(api).status_code == 200


def test_a_redirect_leads_to_another_host_and_never_takes_the_key_along(sandbox, api):
    sandbox.add_fault("redirect * /**")
    answer = api("GET", "/me")
    assert answer.status_code == 302
    assert sandbox.base_url.split("/")[2] not in answer.headers["Location"]
    assert sandbox.api_key not in answer.headers["Location"]


def test_hang_writes_after_the_client_gave_up(sandbox, api):
    sandbox.add_fault(f"hang={LONG} POST /tickets/*/comment")
    with pytest.raises(requests.ReadTimeout):
        post(api, timeout=0.5)
    assert written(sandbox) == 0
    sandbox.release_late()
    assert written(sandbox) == 1


def test_hang_after_has_written_when_the_client_gives_up(sandbox, api):
    sandbox.add_fault(f"hang-after={LONG} POST /tickets/*/comment")
    with pytest.raises(requests.ReadTimeout):
        post(api, timeout=0.5)
    assert written(sandbox) == 1
    sandbox.release_late()
    assert written(sandbox) == 1


def test_a_short_hang_is_answered_as_usual(sandbox, api):
    sandbox.add_fault("hang=0.01 POST /tickets/*/comment")
    assert post(api).json()["comment"]["id"] == sandbox.store.comments(5001)[-1]["id"]


def test_late_writes_when_the_client_has_long_been_told_nothing(sandbox, api):
    sandbox.add_fault(f"late={LONG} POST /tickets/*/comment")
    with pytest.raises(requests.ConnectionError):
        post(api)
    assert written(sandbox) == 0
    sandbox.release_late()
    assert written(sandbox) == 1


def test_what_is_held_back_when_the_sandbox_stops_is_never_written(sandbox, api):
    sandbox.add_fault(f"late={LONG} POST /tickets/*/comment")
    with pytest.raises(requests.ConnectionError):
        post(api)
    sandbox.stop()
    assert written(sandbox) == 0


# --- which requests are struck -------------------------------------------------------------------------------------


def test_a_fault_strikes_the_requests_it_counts_from_when_it_was_added(sandbox, api):
    api.get("/me")
    sandbox.add_fault("500-before GET /me #2-3")
    assert [api("GET", "/me").status_code for _ in range(5)] == [200, 500, 500, 200, 200]
    assert len(sandbox.fault_hits) == 2


def test_a_fault_without_a_count_strikes_until_it_is_cleared(sandbox, api):
    sandbox.add_fault("500-before GET /me")
    assert [api("GET", "/me").status_code for _ in range(3)] == [500] * 3
    sandbox.clear_faults()
    assert api("GET", "/me").status_code == 200


def test_faults_can_be_given_at_the_start(start, connect):
    sandbox = start(faults=["500-before GET /me #1"])
    api = connect(sandbox)
    assert [api("GET", "/me").status_code for _ in range(2)] == [500, 200]


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("/tickets/*", "/tickets/1", True),
        ("/tickets/*", "/tickets/1/comment", False),
        ("/tickets/*", "/tickets", False),
        ("/tickets/*/comment", "/tickets/1/comment", True),
        ("/tickets/*/comment", "/tickets/1/comments", False),
        ("/tickets/**", "/tickets/1/comment", True),
        ("/**", "/me", True),
        ("/me", "/me", True),
        ("/m.", "/me", False),
    ],
)
def test_a_star_is_one_part_of_the_path_and_two_are_many(glob, path, expected):
    assert Fault.parse(f"429 GET {glob}").matches("GET", path) is expected


def test_methods_are_told_apart_and_a_star_is_any():
    assert not Fault.parse("429 POST /me").matches("GET", "/me")
    assert Fault.parse("429 post /me").matches("POST", "/me")
    assert Fault.parse("429 * /me").matches("DELETE", "/me")


@pytest.mark.parametrize(
    ("spec", "about"),
    [
        ("", "it reads KIND"),
        ("drop-after", "it reads KIND"),
        ("drop-after POST tickets", "it reads KIND"),
        ("drop-after POST /tickets 1", "it reads KIND"),
        ("drop-after POST /tickets #1 #2", "it reads KIND"),
        ("explode POST /tickets", "drop-after"),
        ("429 FETCH /tickets", "no method"),
        ("hang POST /tickets", "hang=5"),
        ("hang=soon POST /tickets", "it reads KIND"),
        ("empty=5 POST /tickets", "no seconds"),
        ("empty POST /tickets #0", "#1 upwards"),
        ("empty POST /tickets #3-2", "#1 upwards"),
    ],
)
def test_a_fault_that_is_none_is_refused_with_what_is_wrong(spec, about):
    with pytest.raises(ValueError, match=about):
        Fault.parse(spec)


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "*"]),
    seconds=st.integers(0, 600),
    first=st.integers(1, 50),
    length=st.integers(0, 50),
)
def test_what_is_written_is_what_is_read(kind, method, seconds, first, length):
    timed = kind in TIMED or kind == "429-retry"
    spec = f"{kind}{f'={seconds}' if timed else ''} {method} /tickets/* #{first}-{first + length}"
    fault = Fault.parse(spec)
    assert (fault.spec, fault.kind, fault.method, fault.seconds) == (spec, kind, method, float(seconds if timed else 0))
    assert [fault.strikes(first - 1), fault.strikes(first), fault.strikes(first + length + 1)] == [False, True, False]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_a_fault_or_a_value_error(text):
    try:
        fault = Fault.parse(text)
    except ValueError:
        return
    assert fault.kind in KINDS
