"""synclog.yaml: its text into Settings. Pure: the file itself is read elsewhere; settingstext.py has a new one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from synclog.core.settings import (
    FORMAT,
    LIMITS,
    SECTIONS,
    AuthStyle,
    Confirm,
    Defaults,
    Labor,
    Scope,
    SessionLogs,
    Settings,
    SyncroSettings,
    TimeVia,
    WorkSession,
)
from synclog.core.yamlsettings import Field, did_you_mean, known_value, read_settings
from synclog.errors import SettingsError

if TYPE_CHECKING:
    from synclog.model import Audience

TEMPLATE_NAME = re.compile(r"(?=.{1,30}\Z)[a-z0-9]+(?:-[a-z0-9]+)*")
"""What a session log's template may be called; it becomes a part of file names."""

_USUAL_LABOR = "remote"
_URL_CHARACTERS = re.compile(r"[A-Za-z0-9.:/\[\]_~-]+")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*")
_URL_EXAMPLE = "write it like https://acme.syncromsp.com/api/v1"


def parse_settings(text: str, path: str) -> Settings:
    """Return what synclog.yaml says. `path` is the file's name in messages.

    Raises SettingsError, with file, line and the nearest right name, for whatever is unknown or not of its type.
    """
    root = read_settings(text, path)
    # The format comes first: what is unknown here may be known to the newer synclog that wrote it.
    file_format = _format(root)
    top = root.mapping(tuple(SECTIONS))
    labor = _labor(top.get("labor"))
    time = _section(top, "time")
    via, charge_now = known_value(time, "via"), known_value(time, "charge_now")
    confirm = known_value(_section(top, "push"), "confirm")
    scope = known_value(_section(top, "pull"), "scope")
    timezone = known_value(top, "timezone")
    return Settings(
        syncro=_syncro(_section(top, "syncro"), path),
        format=file_format,
        timezone=_timezone(timezone) if timezone else ZoneInfo("UTC"),
        labor=labor,
        defaults=_defaults(_section(top, "defaults"), labor),
        via=cast(TimeVia, via.choice("comment", "timer", "line_item")) if via else "comment",
        charge_now=charge_now.boolean() if charge_now else False,
        confirm=cast(Confirm, confirm.choice("ask", "plan")) if confirm else "ask",
        scope=cast(Scope, scope.choice("open", "mine", "all")) if scope else "open",
        session_log=_session_logs(_section(top, "session_log")),
    )


def parse_base_url(url: str) -> str:
    """Return an account's address in its one form: lower-case host, no default port, no slash at the end.

    Raises ValueError, whose text says what is wrong, for all that is not plainly http(s)://host[:port]/path.
    """
    if "@" in url:
        raise ValueError("must not hold a user name or a password")
    if "?" in url or "#" in url:
        raise ValueError("must not hold a query (`?`) or a fragment (`#`)")
    if not _URL_CHARACTERS.fullmatch(url):
        raise ValueError("holds a character that no plain address has")
    parts = _split(url)
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        raise ValueError("must be an http or https address")
    if any(part in (".", "..") for part in parts.path.split("/")):
        raise ValueError("must not hold `..`")
    shown = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}[parts.scheme]
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return f"{parts.scheme}://{shown}{port}{parts.path.rstrip('/')}"


def host_of(base_url: str) -> str:
    """Return the host of an address, with its port where it names one: what trust, keys and names are kept by."""
    parts = urlsplit(base_url)
    name = (parts.hostname or "").lower()
    return f"{name}:{parts.port}" if parts.port else name


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        if parts.port == 0:
            raise ValueError
    except ValueError:
        raise ValueError("names a port or host that can't be") from None
    return parts


def _format(root: Field) -> int:
    field = known_value(root.mapping(), "format")
    if field is None:
        return FORMAT
    found = field.whole(1, 10**6)
    if found > FORMAT:
        raise field.wrong(
            f"is {found}: a newer synclog made this workspace, and this one knows formats up to {FORMAT}",
            "install the newer synclog on this machine",
        )
    return found


def _section(top: Mapping[str, Field], name: str) -> dict[str, Field]:
    field = top.get(name)
    return field.mapping(SECTIONS[name]) if field else {}


def _syncro(fields: Mapping[str, Field], path: str) -> SyncroSettings:
    base_url = known_value(fields, "base_url")
    if base_url is None:
        remedy = "write below `syncro:` a line like `base_url: https://acme.syncromsp.com/api/v1`"
        raise SettingsError(f"{path}: `syncro.base_url` is missing", remedy=remedy)
    try:
        url = parse_base_url(base_url.text())
    except ValueError as error:
        raise base_url.wrong(str(error), _URL_EXAMPLE) from None
    auth = known_value(fields, "auth")
    usual = SyncroSettings(url)
    return SyncroSettings(
        base_url=url,
        auth=cast(AuthStyle, auth.choice("query", "bearer")) if auth else usual.auth,
        rate_limit=_whole(fields, "syncro.rate_limit", usual.rate_limit),
        timeout=_whole(fields, "syncro.timeout", usual.timeout),
        settle=_whole(fields, "syncro.settle", usual.settle),
    )


def _labor(field: Field | None) -> dict[str, Labor]:
    """Read `alias: product id` and `alias: {product: id, round_to: minutes, minimum: minutes}`."""
    aliases: dict[str, Labor] = {}
    for alias, value in (field.mapping() if field else {}).items():
        if not alias.strip() or not alias.isprintable() or alias != alias.strip() or alias.isdigit():
            raise value.wrong("is not a name for labor", "use a word: a number would be taken for a product's id")
        parts = {"product": value}
        if value.nested:
            parts = value.mapping(SECTIONS["labor"])
        product = known_value(parts, "product")
        if product is None:
            raise value.wrong(
                "has no labor product", f"write `{alias}: <product id>`; `synclog doctor --labor` lists them"
            )
        round_to, minimum = known_value(parts, "round_to"), known_value(parts, "minimum")
        aliases[alias] = Labor(
            alias,
            product.whole(*LIMITS["labor.product"]),
            round_to.whole(*LIMITS["labor.round_to"]) if round_to else None,
            minimum.whole(*LIMITS["labor.minimum"]) if minimum else None,
        )
    return aliases


def _defaults(fields: Mapping[str, Field], labor: Mapping[str, Labor]) -> Defaults:
    usual = Defaults()
    alias, subject, to = (known_value(fields, name) for name in ("labor", "subject", "to"))
    if alias and alias.text() not in labor:
        raise alias.wrong("names no alias of `labor`", did_you_mean(alias.text(), list(labor)) or "add it to `labor`")
    return Defaults(
        labor=alias.text() if alias else (_USUAL_LABOR if _USUAL_LABOR in labor else None),
        subject=subject.text() if subject else usual.subject,
        to=cast("Audience", to.choice("private", "public", "email")) if to else usual.to,
        minutes=_whole(fields, "defaults.minutes", usual.minutes),
    )


def _session_logs(fields: Mapping[str, Field]) -> SessionLogs:
    usual = SessionLogs()
    per, template = known_value(fields, "per"), known_value(fields, "template")
    if template and not TEMPLATE_NAME.fullmatch(template.text()):
        raise template.wrong("is not a name for a template", "use small letters, digits and `-`, as in `full`")
    return SessionLogs(
        per=cast(WorkSession, per.choice("day", "push")) if per else usual.per,
        template=template.text() if template else usual.template,
    )


def _whole(fields: Mapping[str, Field], name: str, usual: int) -> int:
    field = known_value(fields, name.rpartition(".")[2])
    return field.whole(*LIMITS[name]) if field else usual


def _timezone(field: Field) -> ZoneInfo:
    name = field.text()
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        from zoneinfo import available_timezones

        names = available_timezones()
        remedy = did_you_mean(name, names) or "use an IANA name such as America/Phoenix or Europe/Berlin"
        raise field.wrong("is not a time zone", remedy) from None
