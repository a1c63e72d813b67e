"""How far an exchange came, noted by connections of our own: whether anything was sent, and what a deadline cuts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socket import SHUT_RDWR, socket
from typing import Any

import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection


class Progress:
    """How far an exchange came. `connecting` without `sending` is the one proof that nothing was sent."""

    __slots__ = ("_lock", "_sock", "connecting", "expired", "sending")

    def __init__(self) -> None:
        self.connecting = self.sending = self.expired = False
        self._sock: socket | None = None
        self._lock = threading.Lock()

    def begins_to_send(self, sock: socket | None) -> None:
        with self._lock:
            self.sending = True
            self._sock = sock
            if self.expired:
                _cut(sock)

    def expire(self) -> None:
        with self._lock:
            self.expired = True
            _cut(self._sock)


def _cut(sock: socket | None) -> None:
    """End what waits on `sock`, from another thread. Not through SSLSocket, whose shutdown drops the encryption."""
    if sock is not None:
        try:
            socket.shutdown(sock, SHUT_RDWR)
        except OSError:
            return


_current = threading.local()


@contextmanager
def noting(progress: Progress, seconds: float) -> Iterator[None]:
    """Note this thread's exchange in `progress`, and cut it after `seconds`."""
    deadline = threading.Timer(seconds, progress.expire)
    deadline.daemon = True
    deadline.start()
    _current.progress = progress
    try:
        yield
    finally:
        deadline.cancel()
        _current.progress = None


def _connecting() -> None:
    if (progress := getattr(_current, "progress", None)) is not None:
        progress.connecting = True


def _sending(sock: socket | None) -> None:
    if (progress := getattr(_current, "progress", None)) is not None:
        progress.begins_to_send(sock)


class _HTTP(HTTPConnection):
    def connect(self) -> None:
        _connecting()
        super().connect()

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()
        _sending(self.sock)
        super().request(*args, **kwargs)


class _HTTPS(HTTPSConnection):
    def connect(self) -> None:
        _connecting()
        super().connect()

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()
        _sending(self.sock)
        super().request(*args, **kwargs)


class _HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HTTP


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HTTPS


class NotingAdapter(HTTPAdapter):
    """An adapter whose connections note what they do. One through a SOCKS proxy notes nothing, so proves nothing."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
        return manager
