"""What is sent: drafts as the JSON that Syncro expects."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

from synclog.model import (
    Audience,
    CommentDraft,
    InvoiceLineDraft,
    LineItemDraft,
    TicketChange,
    TicketDraft,
    TimerDraft,
)

Json: TypeAlias = "None | bool | int | str | Decimal | Sequence[Json] | Mapping[str, Json]"

_AUDIENCE: dict[Audience, tuple[bool, bool]] = {
    "email": (False, False),
    "public": (False, True),
    "private": (True, True),
}
"""hidden, do_not_email"""

_HOURS = Decimal("0.0001")


def json_bytes(value: Json) -> bytes:
    """Return `value` as JSON. Decimals become numbers digit for digit: no float stands between."""
    return _json(value).encode("ascii")


def _json(value: Json) -> str:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("JSON has no number for this Decimal")
        return f"{value:f}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(name)}: {_json(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_json, value)) + "]"
    return json.dumps(value)


def given(**fields: Json) -> dict[str, Json]:
    """Return the fields that are not None: what is left out stays as it is."""
    return {name: value for name, value in fields.items() if value is not None}


def iso(moment: datetime) -> str:
    """Return a full ISO time in UTC with milliseconds: Syncro's filters are uneven about less."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def hours(quantity: Decimal) -> Decimal:
    """Return `quantity` with at most four decimals and no zeros at the end."""
    rounded = quantity.quantize(_HOURS, ROUND_HALF_UP)
    return Decimal(f"{rounded.normalize():f}")


def comment_body(draft: CommentDraft) -> dict[str, Json]:
    """Return the body of a comment. Its time travels in the three fields that Syncro's own web form posts."""
    hidden, do_not_email = _AUDIENCE[draft.to]
    body: dict[str, Json] = {
        "subject": draft.subject,
        "body": draft.body,
        "hidden": hidden,
        "do_not_email": do_not_email,
    }
    if draft.minutes is not None:
        body |= given(product_id=draft.product_id, minutes_spent=draft.minutes, bill_time_now=draft.bill_time_now)
    return body


def ticket_body(draft: TicketDraft) -> dict[str, Json]:
    """Return the body of a new ticket; its first comment goes with it and carries no time."""
    hidden, do_not_email = _AUDIENCE[draft.description.to]
    first: dict[str, Json] = {
        "subject": draft.description.subject,
        "body": draft.description.body,
        "hidden": hidden,
        "do_not_email": do_not_email,
    }
    return given(
        customer_id=draft.customer_id,
        subject=draft.subject,
        comments_attributes=[first],
        user_id=draft.user_id,
        contact_id=draft.contact_id,
        status=draft.status,
        priority=draft.priority,
        problem_type=draft.problem_type,
        due_date=draft.due_date,
        tag_list=list(draft.tags) or None,
    )


def change_body(change: TicketChange) -> dict[str, Json]:
    """Return the body of an update: the fields of `change` alone, None being sent as null."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in change.values}


def timer_body(draft: TimerDraft) -> dict[str, Json]:
    """Return the body of a new timer entry."""
    return given(
        start_at=iso(draft.start_at),
        duration_minutes=draft.minutes,
        notes=draft.notes,
        product_id=draft.product_id,
        user_id=draft.user_id,
    )


def line_item_body(draft: LineItemDraft) -> dict[str, Json]:
    """Return the body of a new line item. Syncro wants a name and a description, even with a product."""
    return given(
        name=draft.name,
        description=draft.description,
        quantity=hours(draft.quantity),
        price_retail=draft.price,
        taxable=draft.taxable,
        product_id=draft.product_id,
    )


def invoice_line_body(draft: InvoiceLineDraft) -> dict[str, Json]:
    """Return the body of a new invoice line: on the wire `item` is the name and `name` the description."""
    return given(
        item=draft.name,
        name=draft.description,
        quantity=hours(draft.quantity),
        price=draft.price,
        product_id=draft.product_id,
    )
