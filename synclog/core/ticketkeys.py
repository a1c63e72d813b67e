"""The keys of a ticket file's front matter: whose they are, and in which order a new file has them."""

from __future__ import annotations

TICKET_EDITABLE = ("subject", "status", "priority", "problem_type", "due_date", "assigned_to", "contact", "tags")
"""Mirrored, and pushed as an update when edited."""

REQUIRED = ("subject", "status")
"""Of these, what can't be empty."""

READ_ONLY = ("number", "customer", "id", "customer_id", "created_at", "updated_at", "resolved_at", "url", "invoices")
"""Mirrored; an edit holds the ticket's push back."""

WORK = ("notes", "invoice")
"""The technician's, pushed as work."""

STATE = ("synclog", "conflicts", "gone")
"""What synclog itself has to remember."""

STATE_KEYS = ("invoice", "create", "doing")
"""What stands under `synclog:`: an invoice that was asked for, a draft's stamp, one-offs that are not finished."""

DRAFT = ("description", "to")
"""Of a ticket that does not exist yet: its first comment, and who gets it."""

LISTS = ("tags", "invoices")
"""Keys whose value is a list of texts."""

LAYOUT = (
    "number",
    "subject",
    "customer",
    "status",
    "notes",
    "invoice",
    "priority",
    "problem_type",
    "due_date",
    "assigned_to",
    "contact",
    "tags",
    "id",
    "customer_id",
    "created_at",
    "updated_at",
    "resolved_at",
    "url",
    "invoices",
)
"""The order of a new file."""

DRAFT_LAYOUT = ("subject", "customer", "customer_id", "status", "description", "to", *LAYOUT[4:12])
"""The order of a new draft."""

NOTE_KEYS = ("note", "time", "billed", "labor", "subject", "to", "date", "hold", "synclog")
"""The keys of a note, in the order in which synclog writes them."""
