"""The pages for people at `/`."""

from __future__ import annotations

import pytest
import requests

EVIL = "<script>alert(1)</script> --> \" ' & \x1b[31m\u202e"


@pytest.fixture
def page(sandbox):
    root = sandbox.base_url.removesuffix("/api/v1")
    return lambda path="/", method="GET": requests.request(method, root + path, timeout=20)


def test_the_first_page_lists_the_tickets_with_customer_and_status(page):
    answer = page()
    assert answer.status_code == 200
    for text in ('<a href="/ticket/2101">#2101</a>', "Möhre &amp; Sohn Bakery", "Dora Hauler", "In Progress"):
        assert text in answer.text


def test_a_tickets_page_shows_all_that_is_on_it(page, sandbox):
    sandbox.store.web_add_comment(2102, "private word", user_id=12, hidden=True)
    text = page("/ticket/2102").text
    for part in (
        "Old invoice",
        "The slicer is &lt;offline&gt;.",
        "Slicer",
        "110.00",
        "4001",
        "private word",
        "private</h3>",
    ):
        assert part in text


@pytest.mark.parametrize("path", ["/", "/ticket/2101", "/style.css", "/nowhere"])
def test_no_page_runs_a_script_or_loads_anything_from_elsewhere(page, path):
    answer = page(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script" not in answer.text


def test_whatever_people_write_is_escaped(page, sandbox):
    store = sandbox.store
    store.web_update_ticket(2101, subject=EVIL, priority=EVIL)
    store.web_update_customer(900, business_name=EVIL)
    store.web_add_comment(2101, EVIL, subject=EVIL, author=EVIL, html=False)
    timer = store.web_add_time(2101, 5, 501, notes=EVIL)
    store.set_product(501, name=EVIL)
    store.web_charge_timer(timer["id"])
    for path in ("/", "/ticket/2101"):
        text = page(path).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; --&gt; &quot; &#x27; &amp;" in text
        assert "<script" not in text
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_an_unknown_page_is_404_and_pages_only_show(page):
    assert page("/ticket/1").status_code == 404
    assert page("/ticket/x").status_code == 404
    assert page("/api").status_code == 404
    assert page("/", "POST").status_code == 405


def test_long_lists_have_pages(page, sandbox):
    for index in range(120):
        sandbox.store.web_add_ticket(900, f"Ticket {index}")
    first = page().text
    assert first.count('href="/ticket/') == 100
    assert 'href="/?page=2"' in first
    second = page("/?page=2").text
    assert second.count('href="/ticket/') == 23
    assert 'href="/?page=3"' not in second


def test_the_page_shows_no_key_and_is_not_recorded(page, sandbox):
    assert "tiny-key" not in page().text + page("/ticket/2101").text
    assert sandbox.requests == []
