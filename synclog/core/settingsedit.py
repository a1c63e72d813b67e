"""Changing one setting of synclog.yaml in place: the rest of the file stays as it was typed."""

from __future__ import annotations

import yaml

from synclog.core.settings import Confirm
from synclog.core.settingsfile import parse_settings
from synclog.errors import SettingsError


def with_confirm(text: str, confirm: Confirm) -> str:
    """Return the text of synclog.yaml with `push.confirm` as given. Raises ValueError where it can't be put there by
    changing nothing else; SettingsError for what is no synclog.yaml."""
    if parse_settings(text, "synclog.yaml").confirm == confirm:
        return text
    start = 1 if text.startswith("\ufeff") else 0
    root = yaml.compose(text[start:], Loader=yaml.SafeLoader)
    push = _value(root, "push")
    value = _value(push, "confirm")
    newline = "\r\n" if "\r\n" in text else "\n"
    if value is not None:
        fresh = text[: start + value.start_mark.index] + confirm + text[start + value.end_mark.index :]
    elif push is None:
        gap = "" if text.endswith("\n") else newline
        fresh = f"{text}{gap}{newline}push:{newline}  confirm: {confirm}{newline}"
    else:
        raise ValueError("`push` has no `confirm`")
    try:
        done = parse_settings(fresh, "synclog.yaml").confirm == confirm
    except SettingsError:
        done = False
    if not done:
        raise ValueError("`push.confirm` can't be put there without touching the rest")
    return fresh


def _value(node: yaml.Node | None, name: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for key, value in pairs if key.value == name), None)
