"""One-offs as lines for people and as JSON: the same words in `status`, `diff`, the plan and their own commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synclog.cli.context import styled
from synclog.core.cleantext import clean_line
from synclog.core.deciding.oneoffs import Act, Finish, Forget
from synclog.core.deciding.steps import Doubt, Leave, Wait
from synclog.core.durations import format_minutes
from synclog.core.money import money
from synclog.core.oneoffs import Correction, InvoiceRemoval, NewLine, NewTimer, OneOff, name_of, words_of

if TYPE_CHECKING:
    from synclog.core.plan import PlannedOneOff

_STEPS = {
    Act: "send",
    Wait: "look again, then send if it is not so",
    Finish: "record only: it is so in Syncro already",
    Forget: "take it out of the file: it was finished before",
    Leave: "left",
    Doubt: "DOUBTFUL, not sent",
}
_PAD = " " * 13


def one_off_line(one: OneOff) -> str:
    """Return a one-off in one line, and whether it may be under way."""
    return f"{words_of(one)}, {'begun' if one.after is not None else 'not begun'} ({one.id})"


def one_off_lines(number: int, planned: PlannedOneOff) -> list[str]:
    """Return what a plan shows of a one-off."""
    head, *rest = _words(planned)
    name = "delete" if name_of(planned.work).startswith("delete") else name_of(planned.work)
    lines = [f"    {name:8} {head}: {_STEPS[type(planned.step)]}", *(f"{_PAD}{line}" for line in rest)]
    step = planned.step
    if isinstance(step, Leave):
        lines.append(f"{_PAD}{step.reason}")
    if isinstance(step, Doubt):
        from synclog.cli.plantext import time_words

        lines.append(styled(f"{_PAD}{step.reason}", fg="red"))
        lines += [f"{_PAD}in Syncro, {time_words(time)}" for time in step.times]
        lines.append(
            f"{_PAD}look at it in the web interface; then synclog resolve {number} --doing {planned.work.id} --drop"
        )
    return lines


def _words(planned: PlannedOneOff) -> list[str]:
    one = planned.work
    if isinstance(one, Correction):
        return _correction(planned, one)
    if isinstance(one, NewTimer):
        lines = [f"{planned.when}, {_time(one.minutes, one.bills)} {clean_line(one.labor)}{_rate(planned)}"]
        lines += [f"| {clean_line(one.text)}"] if one.text else []
        return [*lines, f"the work of {planned.whose}"]
    if isinstance(one, NewLine):
        amount = money((one.quantity * one.price).quantize(one.price))
        text = [f"| {clean_line(one.text)}"] if one.text else []
        return [
            f"on invoice {clean_line(one.number)}, {one.quantity.normalize():f} x {clean_line(one.name)} at"
            f" {money(one.price)} = {amount}",
            *text,
        ]
    if isinstance(one, InvoiceRemoval):
        return [
            f"invoice {clean_line(one.number)}, total {money(one.total)}",
            "what is on it is unbilled again; the ticket's status stays",
        ]
    return [
        "the ticket with its comments, time and charges",
        "nobody can bring it back; its invoices stay, and so does its file here",
    ]


def _correction(planned: PlannedOneOff, one: Correction) -> list[str]:
    where = [f"timer entry {one.timer}{f' of {planned.when}' if planned.when else ''}"] if one.timer else []
    where += [f"charge {one.item}"] if one.item else []
    new = "nothing" if one.removes else f"{_time(one.minutes, one.bills)} {clean_line(one.labor)}{_rate(planned)}"
    lines = [f"{clean_line(planned.was)} -> {new}", f"of {one.of}: {', '.join(where)}"]
    if one.timer:
        return [*lines, f"the work of {planned.whose}{'' if one.removes else ', and stays so'}"]
    return [*lines, f"a charge is by whom the key belongs to: {planned.whose}"]


def _time(minutes: int, bills: int) -> str:
    if minutes == bills:
        return format_minutes(bills)
    return f"worked {format_minutes(minutes)}, bills {format_minutes(bills)}"


def _rate(planned: PlannedOneOff) -> str:
    if planned.rate is None:
        return ""
    return f" ({planned.rate.name}, {money(planned.rate.price)}/h) = {planned.amount}"


def one_off_json(one: OneOff) -> dict[str, Any]:
    """Return a one-off for `--json`."""
    timed = one if isinstance(one, NewTimer | Correction) else None
    reference = one.of if isinstance(one, Correction) else one.id if isinstance(one, NewTimer | NewLine) else None
    return {
        "op": name_of(one),
        "id": one.id,
        "what": words_of(one),
        "begun": one.after is not None,
        "reference": reference,
        "minutes": timed.minutes if timed else None,
        "billed_minutes": timed.bills if timed else None,
        "labor": timed.labor if timed else None,
        "product_id": timed.product_id if timed else one.product_id if isinstance(one, NewLine) else None,
        "invoice": one.number if isinstance(one, NewLine | InvoiceRemoval) else None,
    }


def planned_one_off_json(planned: PlannedOneOff) -> dict[str, Any]:
    """Return a one-off of a plan for `--json`."""
    step = planned.step
    return one_off_json(planned.work) | {
        "step": type(step).__name__.lower(),
        "was": planned.was or None,
        "when": planned.when or None,
        "whose": planned.whose,
        "rate": str(planned.rate.price) if planned.rate else None,
        "product": planned.rate.name if planned.rate else None,
        "amount": str(planned.amount) if planned.amount is not None else None,
        "doubt": step.reason if isinstance(step, Doubt) else None,
    }
