"""`untrack` and `tidy` as they are typed."""

from __future__ import annotations

import pytest
from support.office import NUMBER, Office

from synclog.cli import context
from synclog.cli.entry import run

LENS, JERRY = 24152385, 24160207


@pytest.fixture
def pulled(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A small workspace that has pulled: two customers are all that the key may see."""
    office.sandbox.store.restrict_key(office.sandbox.key_owner, LENS, JERRY)
    office.pull()
    monkeypatch.setenv("SYNCLOG_API_KEY", office.key)
    return office


def typed(office: Office, *words: str) -> int:
    return run(["-C", str(office.root), *words])


def test_without_a_terminal_a_file_with_work_is_forgotten_with_yes_only(
    pulled: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    pulled.write_note()
    assert typed(pulled, "untrack", str(NUMBER)) == 3
    said = capsys.readouterr()
    assert "holds 1 note; it was not forgotten" in said.err
    assert "--yes" in said.err
    assert typed(pulled, "untrack", str(NUMBER), "--yes") == 0
    assert f"synclog pull {NUMBER}" in capsys.readouterr().out
    assert typed(pulled, "untrack", str(NUMBER)) == 2
    assert typed(pulled, "untrack") == 2


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 3)])
def test_on_a_terminal_it_asks(pulled: Office, monkeypatch: pytest.MonkeyPatch, answer: str, code: int) -> None:
    asked: list[str] = []

    def confirm(question: str, **_: object) -> bool:
        asked.append(question)
        return answer == "y"

    pulled.write_note()
    monkeypatch.setattr(context.App, "interactive", True)
    monkeypatch.setattr("click.confirm", confirm)
    assert typed(pulled, "untrack", "32164", str(NUMBER)) == code
    assert asked == [f"#{NUMBER} holds 1 note. Forget its file all the same?"]
    assert [p.name for p in pulled.root.glob(f"clients/*/tickets/{NUMBER}-*")] == (
        [] if code == 0 else [f"{NUMBER}-server-upgrade.md"]
    )


def test_tidy_says_what_it_renamed_and_what_it_would(pulled: Office, capsys: pytest.CaptureFixture[str]) -> None:
    pulled.path().rename(pulled.path().with_name("server.md"))
    assert typed(pulled, "tidy", "--dry-run") == 0
    assert f"would be renamed: clients/lens-auto-brokerage/tickets/server.md -> {NUMBER}-server-upgrade.md" in (
        capsys.readouterr().out
    )
    assert typed(pulled, "tidy") == 0
    assert capsys.readouterr().out.startswith("renamed: ")
    assert typed(pulled, "tidy") == 0
    assert "everything is called as it should be" in capsys.readouterr().out
    assert typed(pulled, "tidy", "99999") == 2
