"""The text that keeps running timers: JSON that a person can read, and mend. Values to text, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, get_args

from synclog.core.running import Noting, Running

_FORMAT = 1
_ID = re.compile("[0-9a-f]{16}")


def encode_running(timers: Sequence[Running]) -> str:
    """Return the text of the file that keeps running timers; a person can read it."""
    rows = []
    for timer in timers:
        row: dict[str, Any] = {
            "id": timer.id,
            "folder": timer.folder,
            "number": timer.number or None,
            "path": timer.path,
            "subject": timer.subject,
            "since": timer.since.astimezone(UTC).isoformat(),
            "made": timer.made.astimezone(UTC).isoformat(),
            "labor": timer.labor,
        }
        if timer.noting is not None:
            row["noting"] = _noting_row(timer.noting)
        rows.append(row)
    return json.dumps({"format": _FORMAT, "timers": rows}, ensure_ascii=False, indent=2) + "\n"


def decode_running(text: str) -> tuple[Running, ...]:
    """Return the timers that a text keeps. Raises ValueError, saying what is wrong, for one that is not whole."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is not JSON") from error
    if not isinstance(document, dict) or not isinstance(document.get("timers"), list):
        raise ValueError("it holds no list of timers")
    if document.get("format") != _FORMAT:
        raise ValueError(f"it is of format {str(document.get('format'))[:20]!r}, and this synclog knows {_FORMAT}")
    try:
        timers = tuple(_timer(row) for row in document["timers"])
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise ValueError("a timer in it is not whole") from error
    if len({timer.id for timer in timers}) < len(timers):
        raise ValueError("a timer is in it twice")
    return timers


def _timer(row: Mapping[str, Any]) -> Running:
    number = row["number"] or 0
    if not isinstance(number, int) or not _ID.fullmatch(row["id"]):
        raise ValueError
    return Running(
        id=row["id"],
        folder=_text(row["folder"]),
        number=number,
        path=_text(row["path"]),
        subject=_text(row["subject"]),
        since=_moment(row["since"]),
        made=_moment(row["made"]),
        labor=_text(row["labor"]) if row["labor"] is not None else None,
        noting=_noting(row["noting"]) if "noting" in row else None,
    )


def _noting_row(noting: Noting) -> dict[str, Any]:
    note = noting.note
    return {
        "root": noting.root,
        "path": noting.path,
        "before": noting.before,
        "note": note.text,
        "time": note.minutes,
        "billed": note.billed,
        "labor": note.labor,
        "subject": note.subject,
        "to": note.to,
        "date": note.date.text if note.date else None,
    }


def _noting(row: Mapping[str, Any]) -> Noting:
    from synclog.core.notes import Note, parse_note_date
    from synclog.model import Audience

    to: Audience | None = row["to"]
    minutes, billed, before = row["time"], row["billed"], row["before"]
    if to not in (None, *get_args(Audience)) or not isinstance(before, int) or not isinstance(minutes, int):
        raise ValueError
    note = Note(
        text=_text(row["note"]),
        minutes=minutes,
        billed=int(billed) if billed is not None else None,
        labor=_text(row["labor"]) if row["labor"] is not None else None,
        subject=_text(row["subject"]) if row["subject"] is not None else None,
        to=to,
        date=parse_note_date(row["date"]),
    )
    return Noting(_text(row["root"]), _text(row["path"]), note, before)


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
