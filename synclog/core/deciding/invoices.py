"""What push does next about the invoice of a ticket."""

from __future__ import annotations

from collections.abc import Collection

from synclog.core.deciding.steps import Doubt, InvoiceStep, RecordInvoice, Send, Wait
from synclog.model import Invoice


def invoice_step(
    after: int | None, invoices: Collection[Invoice], unbilled: bool, in_flight: bool, settled: bool
) -> InvoiceStep:
    """Return what to do about an invoice of a ticket.

    `after` is the highest invoice id when it was stamped, None before that. `invoices` are all of the ticket, with
    their lines where these were read; `unbilled` says whether time or charges of it are on no invoice. `in_flight` and
    `settled` as for notes.
    """
    newer = [invoice for invoice in invoices if after is not None and invoice.id > after]
    if after is None:
        if in_flight and not settled:
            return Wait()
        return Send() if unbilled else Doubt("there is nothing to bill")
    if len(newer) > 1:
        return Doubt(f"more than one invoice was made since it was asked for: {_numbers(newer)}")
    if newer and unbilled:
        return Doubt(f"invoice {_numbers(newer)} was made since it was asked for, and there is still unbilled work")
    if newer and newer[0].lines is not None and not newer[0].lines:
        return Doubt(f"invoice {_numbers(newer)} was made since it was asked for, and is empty")
    if newer:
        return RecordInvoice(newer[0])
    if in_flight and not settled:
        return Wait()
    if unbilled:
        return Send()
    return Doubt("no invoice was made since it was asked for, and there is nothing left to bill")


def _numbers(invoices: Collection[Invoice]) -> str:
    return ", ".join(invoice.number for invoice in sorted(invoices, key=lambda i: i.id))
