"""One setting of synclog.yaml is changed in place; the rest stays as it was typed."""

from __future__ import annotations

import pytest

from synclog.core.settingsedit import with_confirm
from synclog.core.settingsfile import parse_settings

URL = "syncro:\n  base_url: https://acme.syncromsp.com/api/v1\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (URL + "push:\n  confirm: ask   # ours\n", URL + "push:\n  confirm: plan   # ours\n"),
        ("\ufeff" + URL + "push: {confirm: 'ask'}\n", "\ufeff" + URL + "push: {confirm: plan}\n"),
        (URL + "push: {confirm: plan}", URL + "push: {confirm: plan}"),
        (URL, URL + "\npush:\n  confirm: plan\n"),
        (URL.rstrip("\n"), URL + "\npush:\n  confirm: plan\n"),
        (URL.replace("\n", "\r\n"), URL.replace("\n", "\r\n") + "\r\npush:\r\n  confirm: plan\r\n"),
    ],
)
def test_it_is_put_where_it_stands_or_at_the_end(text: str, expected: str) -> None:
    assert with_confirm(text, "plan") == expected
    assert parse_settings(expected.removeprefix("\ufeff"), "synclog.yaml").confirm == "plan"


@pytest.mark.parametrize("text", [URL + "push: {}\n", URL + "push:\n", URL + "push: {confirm: }\n"])
def test_what_can_not_be_done_in_place_is_left(text: str) -> None:
    with pytest.raises(ValueError, match="confirm"):
        with_confirm(text, "plan")
