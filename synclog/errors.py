"""Every error that synclog raises on purpose: its meaning, its exit code, its remedy.

An error says what happened and to what (ticket, file and line, request) in `message`, and what to do about it
in `remedy`. The command line prints both; a Python caller catches by class. Nothing here knows how errors are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of the command line; where several apply, `worst` picks one."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    DECISION = 3
    NOT_AUTHORISED = 4
    INTERRUPTED = 130


_PRECEDENCE = (Exit.INTERRUPTED, Exit.NOT_AUTHORISED, Exit.USAGE, Exit.FAILED, Exit.DECISION, Exit.DONE)


def worst(*codes: Exit) -> Exit:
    """Return the code that a run with all of `codes` ends with: 4 before 2 before 1 before 3 before 0."""
    return min(codes, key=_PRECEDENCE.index, default=Exit.DONE)


class SynclogError(Exception):
    """The root. `message` names the thing, `remedy` says what to do (empty when the message already does)."""

    exit_code = Exit.FAILED
    kind = "failed"

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


# --- the caller's side: nothing was done -------------------------------------------------------------------------


class UsageError(SynclogError):
    """The command's own words don't fit together, or name something that does not exist."""

    exit_code = Exit.USAGE
    kind = "usage"


class UnknownTicket(UsageError):
    """A ticket number that neither the workspace nor Syncro knows."""

    kind = "unknown-ticket"


class SettingsError(SynclogError):
    """synclog.yaml or the personal config.yaml is missing, unreadable or says something that is not valid."""

    exit_code = Exit.USAGE
    kind = "settings"


class KeyRefused(SynclogError):
    """A key can't be had, or must not be used as asked (host not trusted, not https, readable by others)."""

    exit_code = Exit.USAGE
    kind = "key"


class RepositoryState(SynclogError):
    """The git repository can't be worked in as it is (no repository, a merge under way, no identity, …)."""

    exit_code = Exit.USAGE
    kind = "repository"


# --- the workspace -----------------------------------------------------------------------------------------------


class Busy(SynclogError):
    """Another synclog process holds this workspace, or git's index is locked."""

    kind = "busy"


class StorageFailed(SynclogError):
    """A file or a git object could not be written (disk full, folder read-only). What was there before is intact."""

    kind = "storage"


class EditFailed(SynclogError):
    """An edit of a file would have changed something else in it, and was not made. A fault of synclog's own."""

    kind = "edit-failed"


class UnsafePath(SynclogError):
    """A path leads outside of `clients/`, through a link or by its name."""

    kind = "unsafe-path"


class TemplateFailed(SynclogError):
    """A template has an error or used something it does not get; the message names file and line."""

    kind = "template"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in one place of a file. `line` and `column` count from 1; `line` 0 means the file."""

    line: int
    message: str
    remedy: str = ""
    column: int = 1

    def at(self, path: str) -> str:
        """Return `path:line:col: message (remedy)`, as editors jump to; a longer remedy is indented below."""
        head = f"{path}:{max(self.line, 1)}:{self.column}: {self.message}"
        if "\n" in self.remedy:
            return "\n".join((head, *(f"    {line}" for line in self.remedy.splitlines())))
        return f"{head} ({self.remedy})" if self.remedy else head


class InvalidFile(SynclogError):
    """A file in the workspace is not valid. It is left byte for byte as it is; `problems` says where and why."""

    exit_code = Exit.DECISION
    kind = "invalid-file"

    def __init__(self, path: str, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(problem.at(path) for problem in problems))
        self.path = path
        self.problems = problems


class DecisionNeeded(SynclogError):
    """Only a person can say what is right: a conflict, a doubtful case, a stale plan."""

    exit_code = Exit.DECISION
    kind = "decision"


class WrongTechnician(SynclogError):
    """The key belongs to another Syncro user than the configured technician; nothing was sent."""

    exit_code = Exit.NOT_AUTHORISED
    kind = "wrong-technician"


# --- Syncro ------------------------------------------------------------------------------------------------------


class SyncroError(SynclogError):
    """The root of what goes wrong between synclog and Syncro.

    `request` is the method and path (never the query, which may hold the key); `status` is the HTTP status, 0 where
    there was no answer; `server_message` is what the server said, as it said it.
    """

    kind = "syncro"

    def __init__(
        self, message: str, *, remedy: str = "", request: str = "", status: int = 0, server_message: str = ""
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.request = request
        self.status = status
        self.server_message = server_message


class Unauthorised(SyncroError):
    """401: the key is invalid or expired."""

    exit_code = Exit.NOT_AUTHORISED
    kind = "unauthorised"


class Forbidden(SyncroError):
    """403: the key lacks a permission."""

    exit_code = Exit.NOT_AUTHORISED
    kind = "forbidden"


class NotFound(SyncroError):
    """404: no such thing, or not for this key."""

    kind = "not-found"


class Rejected(SyncroError):
    """422, and every other 4xx without a class of its own: the server surely took nothing."""

    kind = "rejected"


class RateLimited(SyncroError):
    """429, still after waiting. The server took nothing."""

    kind = "rate-limited"


class ServerFailed(SyncroError):
    """5xx on a read, after the retries."""

    kind = "server-failed"


class NoAnswer(SyncroError):
    """A read got no answer: no connection, reset, timeout; after the retries."""

    kind = "no-answer"


class NotJson(SyncroError):
    """The answer of a read is not the JSON it should be: HTML, cut short, empty, or of another shape."""

    kind = "not-json"


class RedirectRefused(SyncroError):
    """The server sent us elsewhere; a key never follows. Nothing was taken by the host asked."""

    kind = "redirect"


class OutcomeUnknown(SyncroError):
    """A write was sent and its outcome is not known: no answer, 5xx, or an answer that can't be read.

    It may have happened. It must not be sent again before Syncro was read. Only reconciliation may consume this.
    """

    kind = "outcome-unknown"
