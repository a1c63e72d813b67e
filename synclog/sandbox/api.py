"""The API below `/api/v1`: which endpoint, whose key, what kind of body; and JSON in and out."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from . import comments, customers, invoices, lineitems, own, tickets, timers
from .database import Database, Row
from .http import Access, Call, CommentTime, Json, Refused

PREFIX = "/api/v1"
JSON = "application/json; charset=utf-8"
WRITES = frozenset({"POST", "PUT", "DELETE"})
WITH_BODY = frozenset({"POST", "PUT"})

logger = logging.getLogger(__name__)


def _rules() -> Iterator[Rule]:
    for module in (own, tickets, comments, timers, lineitems, invoices, customers):
        for method, path, endpoint in module.ROUTES:
            yield Rule(path, methods=[method], endpoint=endpoint)


ENDPOINTS = Map(list(_rules()), strict_slashes=False)


class Api:
    """Answers requests to the endpoints. A write is committed as a whole before its answer is returned."""

    def __init__(self, db: Database, comment_time: CommentTime) -> None:
        self.db = db
        self.access = Access()
        self._comment_time: CommentTime = comment_time

    def answer(self, request: Request) -> Response:
        """Return the answer to a request whose path starts with PREFIX. Never raises."""
        try:
            return self._answer(request)
        except Refused as refusal:
            return reply(refusal.status, refusal.body)
        except MethodNotAllowed:
            return reply(404, page("The page you were looking for doesn't exist."))
        except HTTPException as error:
            return reply(error.code or 404, page("The page you were looking for doesn't exist."))
        except Exception:
            logger.exception("the sandbox failed on %s %s", request.method, request.path)
            return reply(500, page("We're sorry, but something went wrong."))

    def _answer(self, request: Request) -> Response:
        user = self._owner_of_key(request)
        path = request.path.removeprefix(PREFIX)
        body = _body(request) if request.method in WITH_BODY else {}
        if (user["id"], path.split("/")[1]) in self.access.denied:
            raise Refused(403, {"error": "Not authorized. Please ask account admin to update your group permissions."})
        endpoint, ids = ENDPOINTS.bind("sandbox").match(path, method=request.method)
        call = Call(self.db, user, query_of(request), body, self.access, self._comment_time)
        if any(value >= 2**63 for value in ids.values()):
            raise Refused(404, {"error": "Not found"})
        if request.method not in WRITES:
            with self.db.lock:
                return reply(200, endpoint(call, **ids))
        with self.db.transaction():
            answer = endpoint(call, **ids)
        return reply(200, answer)

    def _owner_of_key(self, request: Request) -> Row:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        key = request.args.get("api_key") or (token.strip() if scheme.lower() == "bearer" else "")
        user = self.db.row("SELECT * FROM users WHERE key = ?", key)
        if user is None:
            raise Refused(401, {"error": "Invalid or expired API key"})
        return user


def query_of(request: Request) -> dict[str, str]:
    """Return the query without the key; of a name given twice the last one counts."""
    return {name: value for name, value in request.args.items(multi=True) if name != "api_key"}


def _body(request: Request) -> Json:
    """Return the JSON object of a POST or PUT. Anything else is answered as the real one does: 400, an HTML page."""
    try:
        if request.mimetype != "application/json":
            raise ValueError("not sent as JSON")
        text = request.get_data().decode("utf-8")
        body = json.loads(text or "{}", parse_float=Decimal, parse_constant=_no_number)
        json.dumps(body, ensure_ascii=False, default=str).encode("utf-8")
    except (ValueError, RecursionError):
        raise Refused(400, page("The request could not be understood.")) from None
    if not isinstance(body, dict):
        raise Refused(400, page("The request could not be understood."))
    return body


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def reply(status: int, body: Json | str) -> Response:
    """Return an answer of JSON, or of an HTML page when `body` is text."""
    if isinstance(body, str):
        return Response(body, status, content_type="text/html; charset=utf-8")
    return Response(json.dumps(body, ensure_ascii=False, default=float), status, content_type=JSON)


def page(text: str) -> str:
    """Return the HTML page that says `text`, a text of ours."""
    return f"<!DOCTYPE html>\n<html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>\n"
