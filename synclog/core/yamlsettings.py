"""Reading settings files (YAML) strictly: every mistake is named with file, line and the nearest right name.

Works on YAML's nodes, since these know their lines. Used for synclog.yaml and for the personal config.yaml, so no
message shows a value: that may be a key. Ticket files are not read here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import yaml

from synclog.errors import SettingsError

_STR = "tag:yaml.org,2002:str"
_NULL = "tag:yaml.org,2002:null"
_BOOL = "tag:yaml.org,2002:bool"
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a settings file: `name` is its full dotted name, `line` where it stands, from 1."""

    path: str
    name: str
    node: yaml.Node

    @property
    def line(self) -> int:
        return int(self.node.start_mark.line) + 1

    @property
    def empty(self) -> bool:
        """Whether there is a name but no value (or `null`)."""
        return self.node.tag == _NULL

    @property
    def nested(self) -> bool:
        """Whether there are names and values below it."""
        return isinstance(self.node, yaml.MappingNode)

    def wrong(self, what: str, remedy: str = "") -> SettingsError:
        """Return the error that says `what` is wrong with this value."""
        name = f"`{self.name}` " if self.name else ""
        return SettingsError(f"{self.path}:{self.line}: {name}{what}", remedy=remedy)

    def mapping(self, known: Collection[str] | None = None) -> dict[str, Field]:
        """Return the values below this one by name; `known` are the names allowed, None allows any."""
        if self.empty:
            return {}
        if not isinstance(self.node, yaml.MappingNode):
            raise self.wrong("must have names and values below it", "write `name: value`, a line each")
        fields: dict[str, Field] = {}
        for key, value in self.node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise Field(self.path, self.name, key).wrong("has a name that is not plain text")
            field = Field(self.path, f"{self.name}.{key.value}" if self.name else key.value, value)
            at_key = Field(self.path, field.name, key)
            if key.value in fields:
                raise at_key.wrong("stands twice", "keep one of them")
            if known is not None and key.value not in known:
                raise at_key.wrong("is not a setting", did_you_mean(key.value, known))
            fields[key.value] = field
        return fields

    def text(self) -> str:
        """Return a text that is not empty."""
        if not isinstance(self.node, yaml.ScalarNode) or self.node.tag != _STR:
            raise self.wrong("must be text", "put the value in quotes")
        if not self.node.value.strip() or not self.node.value.isprintable():
            raise self.wrong("must be one line of text that is not empty")
        return str(self.node.value)

    def texts(self) -> tuple[str, ...]:
        """Return a list of texts that is not empty; numbers in it count as text."""
        if not isinstance(self.node, yaml.SequenceNode) or not self.node.value:
            raise self.wrong("must be a list, not one text", 'write it as ["program", "argument"]')
        for item in self.node.value:
            if not isinstance(item, yaml.ScalarNode) or "\0" in item.value:
                raise Field(self.path, self.name, item).wrong("must be a list of plain texts")
        return tuple(item.value for item in self.node.value)

    def whole(self, least: int, most: int) -> int:
        """Return a whole number from `least` to `most`."""
        plain = isinstance(self.node, yaml.ScalarNode) and self.node.style is None
        if not plain or not _WHOLE.fullmatch(self.node.value) or not least <= int(self.node.value) <= most:
            raise self.wrong(f"must be a whole number from {least} to {most}")
        return int(self.node.value)

    def boolean(self) -> bool:
        """Return true or false, in those words."""
        if self.node.tag != _BOOL or self.node.value.lower() not in ("true", "false"):
            raise self.wrong("must be true or false")
        return bool(self.node.value.lower() == "true")

    def choice(self, *allowed: str) -> str:
        """Return one of the words `allowed`."""
        value = self.node.value if isinstance(self.node, yaml.ScalarNode) else ""
        if value not in allowed:
            raise self.wrong(f"must be one of {', '.join(allowed)}", did_you_mean(value, allowed))
        return str(value)


def read_settings(text: str, path: str) -> Field:
    """Return the root of a settings file's YAML. Raises SettingsError with file and line when it does not parse."""
    try:
        documents = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
    except (yaml.YAMLError, RecursionError):
        line = 1
    else:
        if len(documents) > 1:
            second = documents[1].start_mark.line + 1
            raise SettingsError(f"{path}:{second}: a second YAML document starts here", remedy="keep only the first")
        # An empty file says nothing, which is what an empty mapping says.
        return Field(path, "", (documents or list(yaml.compose_all("{}", Loader=yaml.SafeLoader)))[0])
    remedy = "look for a missing quote, a tab, or indentation that does not line up"
    raise SettingsError(f"{path}:{line}: this is not valid YAML", remedy=remedy)


def did_you_mean(word: str, known: Collection[str]) -> str:
    """Return the remedy that names the nearest of `known`, or all of them when none is near."""
    import difflib

    near = difflib.get_close_matches(word, known, n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    listed = sorted(known)
    return f"there are: {', '.join(listed)}" if 0 < len(listed) <= 20 else ""


def known_value(fields: Mapping[str, Field], name: str) -> Field | None:
    """Return the value of `name` when the file gives one."""
    field = fields.get(name)
    return None if field is None or field.empty else field
