"""YAML as editors and JavaScript read it: by the core schema of YAML 1.2, where dates, `yes` and `1:30` are texts."""

from __future__ import annotations

import re
from typing import Any

import yaml


class Core(yaml.SafeLoader):
    """A loader for `yaml.load`."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012


Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("(true|True|TRUE|false|False|FALSE)$"), None)
Core.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("(~|null|Null|NULL|)$"), None)
Core.add_implicit_resolver("whole", re.compile("[-+]?[0-9]+$"), None)
Core.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]*\.[0-9]+$"), None)
Core.add_constructor("whole", lambda _, node: int(node.value))


def read(text: str) -> Any:
    """Return what a text says."""
    return yaml.load(text, Core)  # noqa: S506
