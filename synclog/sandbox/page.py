"""The pages for people at `/`: the tickets, and what is on each. No script; whatever a customer wrote is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from werkzeug.wrappers import Request, Response

from . import shapes
from .database import Database, Row
from .http import whole

PAGE = 100
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
STYLE = """body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .3rem .6rem; vertical-align: top }
tr { border-bottom: 1px solid #ccc } pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit }
article { border-left: 4px solid #8ac; padding-left: 1rem } article.private { border-color: #c80 }
"""
# Control characters, and those that turn the direction of writing around.
_HARMLESS = dict.fromkeys((*range(9), *range(11, 32), 127, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))


def show(db: Database, request: Request) -> Response:
    """Return the page for a path outside of the API."""
    with db.lock:
        status, kind, text = _content(db, request)
    headers = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return Response(text, status, headers=headers, content_type=f"{kind}; charset=utf-8")


def _content(db: Database, request: Request) -> tuple[int, str, str]:
    section, _, rest = request.path.strip("/").partition("/")
    if request.method not in ("GET", "HEAD"):
        return 405, "text/html", _page("Not here", "<p>This page only shows.</p>")
    if request.path == "/":
        return 200, "text/html", _tickets(db, max(1, whole(request.args.get("page", "")) or 1))
    if request.path == "/style.css":
        return 200, "text/css", STYLE
    row = db.row("SELECT * FROM tickets WHERE number = ?", whole(rest)) if section == "ticket" else None
    if row is not None:
        return 200, "text/html", _ticket(db, row)
    return 404, "text/html", _page("Not found", '<p>There is no such page. <a href="/">All tickets</a></p>')


def _tickets(db: Database, page: int) -> str:
    total = db.value("SELECT count(*) FROM tickets")
    rows = db.rows(
        "SELECT t.*, coalesce(c.business_name, trim(coalesce(c.firstname, '') || ' ' || coalesce(c.lastname, ''))) "
        "AS customer FROM tickets t JOIN customers c ON c.id = t.customer_id ORDER BY t.number DESC LIMIT ? OFFSET ?",
        PAGE, (page - 1) * PAGE,
    )  # fmt: skip
    lines = [
        [f'<a href="/ticket/{row["number"]}">#{row["number"]}</a>']
        + [_text(row[key]) for key in ("status", "customer", "subject", "updated_at")]
        for row in rows
    ]
    turns = [f'<a href="/?page={page - 1}">newer</a>'] if page > 1 else []
    turns += [f'<a href="/?page={page + 1}">older</a>'] if page * PAGE < total else []
    table = _table(("Ticket", "Status", "Customer", "Subject", "Updated"), lines)
    return _page(f"{db.meta('subdomain')}: {total} tickets", f"{table}<p>{' · '.join(turns)}</p>")


def _ticket(db: Database, row: Row) -> str:
    of_ticket = "WHERE ticket_id = ? ORDER BY"
    talk = db.rows(f"SELECT * FROM comments {of_ticket} created_at, id", row["id"])  # noqa: S608 (from the code)
    time = db.rows(f"SELECT * FROM timers {of_ticket} id", row["id"])  # noqa: S608
    items = db.rows(f"SELECT * FROM line_items {of_ticket} id", row["id"])  # noqa: S608
    bills = db.rows(f"SELECT * FROM invoices {of_ticket} id", row["id"])  # noqa: S608
    names = {user["id"]: user["name"] for user in db.rows("SELECT id, name FROM users")}
    labor = {product["id"]: product["name"] for product in db.rows("SELECT id, name FROM products")}
    parts = [
        '<p><a href="/">All tickets</a></p>',
        _table(
            ("Customer", "Status", "Priority", "Due", "Technician"),
            [[_text(shapes.customer_name(db.get("customers", row["customer_id"])))]
             + [_text(row[key]) for key in ("status", "priority", "due_date")] + [_text(names.get(row["user_id"]))]],
        ),
        "<h2>Conversation</h2>",
        *map(_comment, talk),
        "<h2>Time</h2>",
        _table(
            ("Start", "Minutes", "Billed as", "Labor", "Technician", "Charged", "Notes"),
            [[_text(t["start_at"]), _text(t["seconds"] // 60), _text(t["billable_seconds"] // 60),
              _text(labor.get(t["product_id"])), _text(names.get(t["user_id"])),
              "yes" if t["recorded"] else "no", _text(t["notes"])] for t in time],
        ),
        "<h2>Line items</h2>",
        _table(
            ("Name", "Description", "Quantity", "Price", "Invoiced"),
            [[_text(i["name"]), _text(i["description"]), _text(shapes.hours(i["quantity"])),
              _text(shapes.money(i["price"])), "yes" if i["invoice_id"] else "no"] for i in items],
        ),
        "<h2>Invoices</h2>",
        _table(
            ("Number", "Total", "Paid", "Made"),
            [[_text(b["number"]), _text(shapes.money(b["total"])), "yes" if b["is_paid"] else "no",
              _text(b["created_at"])] for b in bills],
        ),
    ]  # fmt: skip
    return _page(f"#{row['number']} {row['subject']}", "\n".join(parts))


def _comment(row: Row) -> str:
    seen = "private" if row["hidden"] else "public"
    head = " · ".join(_text(row[key]) for key in ("created_at", "author", "subject"))
    body = shapes.comment(row)["body"]
    return f'<article class="{seen}"><h3>{head} · {seen}</h3><pre>{_text(body)}</pre></article>'


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table. `names` are ours, the cells of `rows` are HTML already."""
    head = "".join(f"<th>{name}</th>" for name in names)
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>\n" for row in rows)
    return f"<table>\n<tr>{head}</tr>\n{lines}</table>" if lines else "<p>None.</p>"


def _page(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{_text(title)}</title>'
        f'<link rel="stylesheet" href="/style.css"></head>\n<body><h1>{_text(title)}</h1>\n{body}\n</body></html>\n'
    )


def _text(value: object) -> str:
    return "" if value is None else escape(str(value).translate(_HARMLESS))
