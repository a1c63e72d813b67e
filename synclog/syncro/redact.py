"""Where the key lives, and how it stays out of everything a person or a file could see.

The key is held by `Key`, which shows nothing of itself. What comes from libraries (exception texts, log lines) and
from the server goes through `Key.redact` before anything else gets it.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import Counter
from urllib.parse import quote, quote_plus

from synclog.errors import KeyRefused

REDACTED = "[key]"

_IN_QUERY = re.compile(r"(api_key(?:=|%3[dD]))[^&\s\"'<>)]*")
_IN_HEADER = re.compile(r"([Bb]earer )[^\s\"'<>,]+")
_CHATTY = (
    "requests",
    "urllib3",
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.response",
    "urllib3.util.retry",
)


class Key:
    """An API key. Its text is had from `reveal` alone: repr, str and pickling give nothing away."""

    __slots__ = ("_forms", "_text")

    def __init__(self, text: str) -> None:
        """Raises KeyRefused when `text` can't be a key; the message does not show it."""
        if not text or not all("!" <= character <= "~" for character in text):
            raise KeyRefused(
                "the API key is empty or holds blanks, line breaks or other characters that no key has",
                remedy="copy the key again, from Syncro's Admin > API Tokens; one line, nothing around it",
            )
        self._text = text
        self._forms = sorted({text, quote(text, safe=""), quote_plus(text), quote(text)}, key=len, reverse=True)

    def reveal(self) -> str:
        """Return the key itself: for the request, for nothing else."""
        return self._text

    def redact(self, text: str) -> str:
        """Return `text` without the key, in whatever form a URL or a header holds it."""
        for form in self._forms:
            text = text.replace(form, REDACTED)
        return redact_patterns(text)

    def __repr__(self) -> str:
        return "Key(…)"

    def __reduce__(self) -> str:
        raise TypeError("a key is not written anywhere")


def redact_patterns(text: str) -> str:
    """Return `text` without anything that stands where a key stands: after `api_key=` and after `Bearer`."""
    return _IN_HEADER.sub(rf"\1{REDACTED}", _IN_QUERY.sub(rf"\1{REDACTED}", text))


class Redacted(Exception):
    """What a library raised, as redacted text: it stands as the cause where the exception itself would show the key.

    Exceptions of requests carry the prepared request, whose URL may hold the key, and so do the ones they wrap; so
    none of them is ever chained.
    """

    def __init__(self, original: BaseException, key: Key) -> None:
        super().__init__(key.redact(f"{type(original).__name__}: {original}"))


class _LogGuard(logging.Filter):
    """Takes keys out of the log records of the HTTP libraries, before any handler sees them."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: Counter[Key] = Counter()
        self._lock = threading.Lock()

    def watch(self, key: Key) -> None:
        with self._lock:
            self._keys[key] += 1
        for name in _CHATTY:
            logging.getLogger(name).addFilter(self)

    def forget(self, key: Key) -> None:
        with self._lock:
            self._keys[key] -= 1
            self._keys += Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        with self._lock:
            keys = tuple(self._keys)
        record.msg = self._clean(record.getMessage(), keys)
        record.args = ()
        if record.exc_info:
            record.exc_text = self._clean(logging.Formatter().formatException(record.exc_info), keys)
            record.exc_info = None
        return True

    @staticmethod
    def _clean(text: str, keys: tuple[Key, ...]) -> str:
        for key in keys:
            text = key.redact(text)
        return redact_patterns(text)


_GUARD = _LogGuard()


def guard_logs(key: Key) -> None:
    """Keep `key` out of the logs of requests and urllib3 until `unguard_logs`; patterns stay guarded for good."""
    _GUARD.watch(key)


def unguard_logs(key: Key) -> None:
    """Undo one `guard_logs(key)`."""
    _GUARD.forget(key)
