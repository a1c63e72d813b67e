"""Over https: certificates are always checked, and a key never meets a server that can't prove its name."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.clients import Waits, client_of
from support.scripted import Say, ScriptedServer

from synclog.errors import NoAnswer
from synclog.syncro.client import SyncroClient

CERTIFICATE = Path(__file__).with_name("self-signed.pem")
"""A key pair made for these tests, which no machine trusts."""


def https_server() -> ScriptedServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return ScriptedServer(Say(body={"user_id": 1, "user_name": "Mike"}), tls=context)


@pytest.mark.parametrize("call", [SyncroClient.me, lambda client: client.delete_ticket(5)])
@pytest.mark.parametrize("variable", ["CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PYTHONHTTPSVERIFY"])
def test_a_server_with_an_unknown_certificate_gets_nothing(
    call: Callable[[SyncroClient], Any], variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "0" if variable.startswith("PYTHON") else "")
    waits = Waits()
    with (
        https_server() as server,
        client_of(server, waits) as client,
        pytest.raises(NoAnswer, match="certificate is not valid") as caught,
    ):
        call(client)
    assert server.requests == []
    assert waits.slept == []
    assert "the key was not sent" in caught.value.remedy
