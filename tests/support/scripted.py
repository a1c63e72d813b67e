"""A real HTTP server on loopback that answers what a test says, in order, misbehaviour included."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it arrived. `connection` tells connections apart: (client address, port)."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    connection: tuple[str, int]

    @property
    def json(self) -> object:
        return json.loads(self.body)


@dataclass(frozen=True)
class Say:
    """An answer. A `body` that is neither bytes nor str goes out as JSON."""

    status: int = 200
    body: object = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    close_after: bool = False

    def content(self) -> tuple[bytes, str]:
        if isinstance(self.body, bytes):
            return self.body, "application/json"
        if isinstance(self.body, str):
            return self.body.encode(), "text/html; charset=utf-8"
        return json.dumps(self.body).encode(), "application/json"


@dataclass(frozen=True)
class Reset:
    """The request is read, then the connection is reset without an answer."""


@dataclass(frozen=True)
class Drop:
    """The request is read, then the connection is closed without an answer."""


@dataclass(frozen=True)
class Hang:
    """The request is read, and nothing is said until the test is over."""


@dataclass(frozen=True)
class Cut:
    """An answer of which only half of the announced body comes."""

    body: bytes = b'{"tickets": [{"id": 1, "subject": "Printer on fi'


@dataclass(frozen=True)
class Drip:
    """A body without a length that never ends: `piece` again and again, as fast as it is taken, or slowly."""

    piece: bytes = b" " * 65536
    every: float = 0.0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Move = Say | Reset | Drop | Hang | Cut | Drip
Answering = Move | Callable[[Asked], Move]


class ScriptedServer:
    """Answers the moves in order, the last one for good. `requests` are those that arrived, in order;
    `dripped` counts the bytes of a Drip that were taken."""

    def __init__(self, *moves: Answering, tls: ssl.SSLContext | None = None) -> None:
        self._moves: list[Answering] = list(moves) or [Say()]
        self._lock = threading.Lock()
        self.requests: list[Asked] = []
        self.over = threading.Event()
        self.dripped = 0
        handler = type("Handler", (_Handler,), {"script": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def base_url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}/api/v1"

    @property
    def connections(self) -> int:
        """How many connections the requests came over."""
        return len({asked.connection for asked in self.requests})

    def until_all_closed(self) -> None:
        """Wait until the server has closed every connection there was."""
        with self._server.closing:
            assert self._server.closing.wait_for(lambda: not self._server.open, timeout=10)

    def then(self, moves: Iterable[Answering]) -> None:
        with self._lock:
            self._moves = list(moves)

    def next_move(self, asked: Asked) -> Move:
        with self._lock:
            self.requests.append(asked)
            move = self._moves.pop(0) if len(self._moves) > 1 else self._moves[0]
        return move(asked) if callable(move) else move

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.end_connections()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.open: set[socket.socket] = set()
        self.closing = threading.Condition()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self.closing:
            self.open.discard(request)
            self.closing.notify_all()

    def end_connections(self) -> None:
        for sock in list(self.open):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients go away in the middle here, on purpose."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: ScriptedServer

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(length)
        asked = Asked(self.command, parts.path, query, headers, body, self.client_address)
        move = self.script.next_move(asked)
        if isinstance(move, Say):
            self._say(move)
            return
        self.close_connection = True
        if isinstance(move, Reset):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        elif isinstance(move, Hang):
            self.script.over.wait()
        elif isinstance(move, Cut):
            self.send_response(200)
            self.send_header("Content-Length", str(len(move.body) * 2))
            self.end_headers()
            self.wfile.write(move.body)
        elif isinstance(move, Drip):
            self.send_response(move.status)
            for name, value in ({"Connection": "close"} | move.headers).items():
                self.send_header(name, value)
            self.end_headers()
            while not self.script.over.wait(move.every):
                self.wfile.write(move.piece)
                self.wfile.flush()
                self.script.dripped += len(move.piece)

    do_GET = do_POST = do_PUT = do_DELETE = _handle

    def _say(self, move: Say) -> None:
        content, kind = move.content()
        self.send_response_only(move.status)
        usual = {"Content-Type": kind, "Content-Length": str(len(content)), "Date": self.date_time_string()}
        for name, value in (usual | move.headers).items():
            self.send_header(name, value)
        self.end_headers()
        if move.status != 204:
            self.wfile.write(content)
        self.close_connection = move.close_after

    def log_message(self, *_: object) -> None:
        pass
