"""The HTTP side: a threaded server on loopback whose connections stay open, and can be closed without an answer."""

from __future__ import annotations

import logging
import socket
import sys
import threading
from collections.abc import Callable
from datetime import datetime

from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Request, Response

HOST = "127.0.0.1"
MOST_BODY = 16 * 1024 * 1024
JOIN_SECONDS = 10

logger = logging.getLogger(__name__)


class Dropped(Exception):
    """The connection is to be closed without an answer."""


class Connection(WSGIRequestHandler):
    """One connection. Werkzeug's own `run_wsgi` closes it after each answer; clients of the real one keep theirs."""

    server: Listener
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def run_wsgi(self) -> None:
        """Read the request to its end, so that the next one begins where it should; answer, or drop it."""
        request = Request(self.make_environ())
        request.max_content_length = MOST_BODY
        try:
            if not self.headers.get("Content-Length", "0").isdecimal():
                raise Dropped
            request.get_data(cache=True)
            response = self.server.answer(request)
        except (Dropped, HTTPException):
            self.close_connection = True
            return
        body = b"" if self.command == "HEAD" or response.status_code == 204 else response.get_data()
        self.send_response(response.status_code)
        for name, value in response.headers:
            if name != "Content-Length":
                self.send_header(name, value)
        if response.status_code != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the Date header: of the sandbox's clock, not of the machine's."""
        return http_date(self.server.clock()) if timestamp is None else super().date_time_string(timestamp)

    def version_string(self) -> str:
        """Return the Server header."""
        return "sandbox"

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing: a library does not print, and a request line holds the key."""


class Listener(ThreadedWSGIServer):
    """The server. `stop` closes it and every connection, and returns when no thread of it is left."""

    def __init__(self, port: int, answer: Callable[[Request], Response], clock: Callable[[], datetime]) -> None:
        """Listen on `port` of loopback, any free one when 0. Raises OSError if it is taken."""
        self.answer = answer
        self.clock = clock
        self._open: dict[threading.Thread, socket.socket] = {}
        self._guard = threading.Lock()
        self._closing = False
        with _bound(port) as listening:
            # Handed over bound: asked to bind by itself, werkzeug prints and ends the process where the port is taken.
            super().__init__(HOST, port, _no_wsgi, Connection, fd=listening.fileno())
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def start(self) -> None:
        """Serve, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Close the server and all its connections."""
        self._closing = True
        self.shutdown()
        self._thread.join(JOIN_SECONDS)
        with self._guard:
            still_open = dict(self._open)
        for thread, connection in still_open.items():
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                logger.debug("the client has closed its connection before")
            if thread is not threading.current_thread():
                thread.join(JOIN_SECONDS)

    def process_request_thread(self, request: object, client_address: object) -> None:
        """Serve one connection, known to `stop` as long as it is open."""
        assert isinstance(request, socket.socket)  # socketserver's types are wider than what it does
        with self._guard:
            self._open[threading.current_thread()] = request
            refused = self._closing
        try:
            if refused:
                self.shutdown_request(request)
            else:
                super().process_request_thread(request, client_address)
        finally:
            with self._guard:
                del self._open[threading.current_thread()]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is nothing to report; anything else is a bug of the sandbox, and logged."""
        if not isinstance(sys.exception(), ConnectionError):
            logger.exception("the sandbox failed on a connection")


def _bound(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen(128)
    except BaseException:
        listening.close()
        raise
    return listening


def _no_wsgi(environ: object, start_response: object) -> list[bytes]:
    """Stand where werkzeug wants a WSGI application; `Connection.run_wsgi` asks `Listener.answer` instead."""
    raise NotImplementedError
