"""Templates: where they come from, and how one is rendered. A workspace's `templates/` comes before the packaged ones.

Everything that can go wrong with a template, which may be anyone's, is a TemplateFailed that names file and line.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Any

from jinja2 import BaseLoader, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2 import Environment as JinjaEnvironment

from synclog.core.cleantext import clean_line
from synclog.errors import TemplateFailed
from synclog.render.limits import MAX_TEXT, LimitedEnvironment

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_MAX_SOURCE = 200_000
_REMEDY = "mend the template, or delete the workspace's own copy of it: the packaged one is used then"


class Templates:
    """The templates of one workspace. `folder` is its `templates/`, None for the packaged ones alone."""

    def __init__(self, folder: Path | None = None) -> None:
        self._loader = _Loader(folder)
        self._environment = LimitedEnvironment(
            loader=self._loader,
            autoescape=lambda name: name is not None and name.endswith(".html.j2"),
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
            newline_sequence="\n",
        )

    def names(self) -> tuple[str, ...]:
        """Return the names of all templates, the workspace's own and the packaged ones."""
        return tuple(sorted({*packaged_templates(), *self._loader.own_names()}))

    def own_source(self, name: str) -> str | None:
        """Return the source of the workspace's own template of this name, None where it has none. Raises TemplateFailed
        where it can't be read."""
        return self._loader.own(name) if _NAME.fullmatch(name) else None

    def render(self, name: str, values: Mapping[str, Any]) -> str:
        """Return template `name` rendered with `values`; a name that it uses and does not get is an error.

        Raises TemplateFailed, with file and line, for whatever is wrong with the template.
        """
        environment = self._environment
        environment.begin()
        parts: list[str] = []
        size = 0
        try:
            for part in environment.get_template(name).generate(values):
                size += len(part)
                if size > MAX_TEXT:
                    raise _failed(name, 0, "its output is too long")
                parts.append(part)
        except TemplateFailed:
            raise
        except TemplateSyntaxError as error:
            raise _failed(error.filename or name, error.lineno, error.message or "syntax error") from error
        except TemplateNotFound as error:
            raise _failed(name, _line(error.__traceback__)[1], f"there is no template {error.name}") from error
        except RecursionError as error:
            raise _failed(name, 0, "it includes or calls itself without end") from error
        except Exception as error:  # a template can make any operation fail; which one is the template's doing
            where, line = _line(error.__traceback__)
            reason = error.message if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"
            raise _failed(where or name, line, reason or "it can't be rendered") from error
        return "".join(parts)


def packaged_templates() -> tuple[str, ...]:
    """Return the names of the templates that come with synclog."""
    return tuple(sorted(entry.name for entry in _packaged().iterdir() if entry.name.endswith(".j2")))


def packaged_source(name: str) -> str:
    """Return the source of a packaged template. Raises TemplateFailed when there is none of this name."""
    if name not in packaged_templates():
        known = ", ".join(packaged_templates())
        raise TemplateFailed(f"there is no template {clean_line(name)}", remedy=f"the templates are: {known}")
    return str(_packaged().joinpath(name).read_text(encoding="utf-8"))


def _packaged() -> Any:
    """The folder of the packaged templates: in the package when installed, at the top of a checkout."""
    package = resources.files("synclog")
    inside = package.joinpath("templates")
    return inside if inside.is_dir() else Path(str(package)).parent / "templates"


class _Loader(BaseLoader):
    """Plain files below the workspace's folder, then the packaged ones. Links lead out of a workspace: refused."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get_source(self, environment: JinjaEnvironment, template: str) -> tuple[str, str, None]:
        if _NAME.fullmatch(template) is None:
            raise TemplateNotFound(clean_line(template))
        own = self.own(template)
        if own is not None:
            return own, f"templates/{template}", None
        if template not in packaged_templates():
            raise TemplateNotFound(template)
        return packaged_source(template), f"packaged templates/{template}", None

    def own_names(self) -> list[str]:
        """The names of what lies in the workspace's folder and can be a template."""
        if self._folder is None or self._folder.is_symlink() or not self._folder.is_dir():
            return []
        found = (entry.name for entry in self._folder.iterdir() if entry.is_file() and not entry.is_symlink())
        return sorted(name for name in found if name.endswith(".j2") and _NAME.fullmatch(name))

    def own(self, template: str) -> str | None:
        """The source of the workspace's own template, None where there is none. Raises TemplateFailed."""
        if self._folder is None:
            return None
        shown = f"templates/{template}"
        path = self._folder
        kinds = []
        try:
            for part in ("", *template.split("/")):
                path = path / part
                kinds.append(path.lstat().st_mode)
            plain = stat.S_ISREG(kinds[-1]) and all(stat.S_ISDIR(kind) for kind in kinds[:-1])
            if not plain or getattr(path, "is_junction", lambda: False)():
                raise TemplateFailed(f"{shown} is not a plain file in a plain folder", remedy="replace it by a copy")
            raw = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            if kinds and not stat.S_ISDIR(kinds[-1]):
                raise TemplateFailed(f"{shown} is not a plain file in a plain folder", remedy=_REMEDY) from None
            return None
        except OSError as error:
            raise TemplateFailed(f"{shown} can't be read: {error.strerror}", remedy=_REMEDY) from error
        if len(raw) > _MAX_SOURCE:
            raise TemplateFailed(f"{shown} is too long for a template", remedy=_REMEDY)
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            raise TemplateFailed(f"{shown}:{line}: it is not UTF-8", remedy="save the template as UTF-8") from error


def _line(trace: TracebackType | None) -> tuple[str, int]:
    """The template and line of the innermost template frame of a traceback."""
    where, line = "", 0
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.startswith(("templates/", "packaged templates/")):
            where, line = name, trace.tb_lineno
        trace = trace.tb_next
    return where, line


def _failed(where: str, line: int, reason: str) -> TemplateFailed:
    place = f"{where}:{line}" if line else where
    return TemplateFailed(f"{place}: {clean_line(reason)[:300]}", remedy=_REMEDY)
