"""Session logs of tickets, days, months and customers in a real workspace: what is written, kept, and told."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest
from support.office import NUMBER, Office, Time, git
from support.sample import SAMPLE

from synclog.app.sessionlogs import Wanted, check_session_logs, write_session_log, write_session_logs
from synclog.core.trail import TrailEntry, message_with, stamp_message
from synclog.errors import Exit, InvalidFile, TemplateFailed, UnknownTicket, UsageError
from synclog.workspace.history import History

OTHER = 32164
FIRST, SECOND, THIRD = f"{NUMBER}-7k2m9q4x1c", f"{NUMBER}-aaaaaaaaaa", f"{OTHER}-bbbbbbbbbb"
APRIL = Wanted(first=date(2026, 4, 1), last=date(2026, 4, 30))


@pytest.fixture
def mirrored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A workspace of the sample's tickets, as a pull renders them. Logs need no account."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no-gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    nowhere = SimpleNamespace(base_url="http://127.0.0.1:8765/api/v1", api_key="")
    office = Office(tmp_path / "msp", nowhere, Time())  # type: ignore[arg-type]
    without_logs = shutil.ignore_patterns("session-logs")
    shutil.copytree(SAMPLE, office.root / "clients", dirs_exist_ok=True, ignore=without_logs)
    git(office.root, "add", "clients")
    git(office.root, "commit", "--quiet", "-m", "pull: 67 new, 0 changed")
    return office


@pytest.fixture
def worked(mirrored: Office) -> Office:
    """The same, in which two days' work on one ticket and one on another were posted."""
    record(mirrored, FIRST, datetime(2026, 4, 21, 18, 0, tzinfo=UTC), 90)
    record(mirrored, SECOND, datetime(2026, 4, 22, 18, 0, tzinfo=UTC), 30)
    record(mirrored, THIRD, datetime(2026, 4, 22, 19, 0, tzinfo=UTC), 15)
    return mirrored


def said_by_syncro(office: Office, old: str, new: str) -> None:
    """Let Syncro say something else of the ticket: in the front matter and in the base."""
    path = office.path()
    text = path.read_text("utf-8")
    assert text.count(old) >= 2
    path.write_bytes(text.replace(old, new).encode())
    git(office.root, "commit", "--quiet", "-am", "pull: 0 new, 1 changed")


def record(office: Office, reference: str, when: datetime, minutes: int) -> None:
    entry = TrailEntry("comment", int(reference.split("-")[0]), reference, 5, minutes=minutes, labor="remote")
    message = message_with(f"push: {reference}", [entry])
    env = {"GIT_AUTHOR_DATE": when.isoformat(), "GIT_COMMITTER_DATE": when.isoformat()}
    with mock.patch.dict("os.environ", env):
        git(office.root, "commit", "--quiet", "--allow-empty", "-m", message)


def names(office: Office) -> list[str]:
    return sorted(path.name for path in office.root.glob("clients/*/session-logs/*.md") if path.name != "README.md")


def log_file(office: Office, day: str, number: int = NUMBER) -> Path:
    (found,) = office.root.glob(f"clients/*/session-logs/{day}-{number}-*.md")
    return found


def test_every_day_of_work_on_a_ticket_has_a_log_and_minutes_add_up(worked: Office) -> None:
    before = git(worked.root, "rev-parse", "HEAD")
    done = write_session_logs(worked.workspace, Wanted((NUMBER,)))
    assert [(log.day.isoformat(), log.outcome) for log in done.logs] == [
        ("2026-04-21", "created"),
        ("2026-04-22", "created"),
    ]
    assert "\nminutes: 90\n" in log_file(worked, "2026-04-21").read_text("utf-8")
    second = log_file(worked, "2026-04-22").read_text("utf-8")
    assert "\nminutes: 30\n" in second
    assert "- [2026-04-21 #32162](2026-04-21-32162-server-upgrade.md) Server upgrade" in second
    assert "(../tickets/32162-server-upgrade.md)" in second
    index = log_file(worked, "2026-04-21").with_name("README.md").read_text("utf-8")
    assert index.index("2026-04-22-32162") < index.index("2026-04-21-32162")
    assert "## 2026-04: 2 logs, 2h" in index
    assert git(worked.root, "log", "--format=%an: %s", f"{before}..") == "Mike Sorrel: session log: #32162"
    assert not git(worked.root, "status", "--short")


def test_the_same_work_gives_the_same_bytes_and_no_commit(worked: Office) -> None:
    write_session_logs(worked.workspace, APRIL)
    head = git(worked.root, "rev-parse", "HEAD")
    files = {path: path.read_bytes() for path in worked.root.glob("clients/*/session-logs/*")}
    done = write_session_logs(worked.workspace, APRIL)
    assert {log.outcome for log in done.logs} == {"unchanged"}
    assert git(worked.root, "rev-parse", "HEAD") == head
    for path in files:
        path.unlink()
    write_session_logs(worked.workspace, APRIL)
    assert {path: path.read_bytes() for path in files} == files


def test_a_day_is_of_all_customers_and_a_month_of_one(worked: Office) -> None:
    day = date(2026, 4, 22)
    done = write_session_logs(worked.workspace, Wanted(first=day, last=day))
    assert {(log.number, log.day) for log in done.logs} == {(NUMBER, day), (OTHER, day)}
    of_one = write_session_logs(worked.workspace, Wanted(customer="len's auto", first=APRIL.first, last=APRIL.last))
    assert [(log.number, log.outcome) for log in of_one.logs] == [(NUMBER, "created"), (NUMBER, "replaced")]
    assert "](2026-04-21-32162-server-upgrade.md)" in log_file(worked, "2026-04-22").read_text("utf-8")
    with pytest.raises(UsageError, match="no customer here has 'lense'") as refused:
        write_session_logs(worked.workspace, Wanted(customer="lense"))
    assert "did you mean" in refused.value.remedy


def test_the_trail_is_read_once_for_a_whole_month(worked: Office) -> None:
    with mock.patch.object(History, "trail", autospec=True, side_effect=History.trail) as read:
        assert len(write_session_logs(worked.workspace, APRIL).logs) >= 3
    assert read.call_count == 1


def test_what_one_push_began_is_one_log_where_that_is_configured(worked: Office) -> None:
    worked.change_settings("per: day", "per: push")
    git(worked.root, "commit", "--quiet", "--allow-empty", "-m", stamp_message("stamp: #32162", [FIRST, SECOND]))
    done = write_session_logs(worked.workspace, Wanted((NUMBER,)))
    assert [(log.day.isoformat(), log.outcome) for log in done.logs] == [("2026-04-22", "created")]
    fourth = f"{NUMBER}-cccccccccc"
    git(worked.root, "commit", "--quiet", "--allow-empty", "-m", stamp_message("stamp: #32162", [fourth]))
    record(worked, fourth, datetime(2026, 4, 22, 20, 0, tzinfo=UTC), 5)
    done = write_session_logs(worked.workspace, Wanted((NUMBER,)))
    assert [log.outcome for log in done.logs] == ["unchanged", "created"]
    assert [log.path.rpartition("/")[2] for log in done.logs] == [
        "2026-04-22-32162-server-upgrade.md",
        "2026-04-22-32162-server-upgrade-2.md",
    ]
    assert {log.outcome for log in write_session_logs(worked.workspace, Wanted((NUMBER,))).logs} == {"unchanged"}


def test_a_log_keeps_its_name_when_the_subject_changes(worked: Office) -> None:
    write_session_logs(worked.workspace, Wanted((NUMBER,)))
    before = names(worked)
    said_by_syncro(worked, "Server upgrade", "Another subject")
    done = write_session_logs(worked.workspace, Wanted((NUMBER,)))
    assert ({log.outcome for log in done.logs}, names(worked)) == ({"replaced"}, before)


def test_the_logs_of_a_ticket_that_moved_stay_with_the_customer_they_were_written_for(worked: Office) -> None:
    write_session_logs(worked.workspace, Wanted((NUMBER,)))
    before = sorted(worked.root.glob("clients/*/session-logs/2*"))
    new = worked.path(OTHER).parent / worked.path().name
    worked.path().rename(new)
    record(worked, f"{NUMBER}-cccccccccc", datetime(2026, 4, 23, 18, 0, tzinfo=UTC), 5)
    done = write_session_logs(worked.workspace, Wanted((NUMBER,)))
    customer = new.parents[1].name
    assert {log.path.split("/")[1]: log.day.day for log in done.logs if log.outcome == "created"} == {customer: 23}
    assert set(before) < set(worked.root.glob("clients/*/session-logs/2*"))
    assert f"(../../{customer}/tickets/{new.name})" in before[0].read_text("utf-8")


def test_an_edited_log_is_named_as_behind_and_updated_only_when_told(worked: Office) -> None:
    write_session_logs(worked.workspace, Wanted((NUMBER,)))
    path = log_file(worked, "2026-04-22")
    path.write_bytes(path.read_bytes().replace(b"## Still open", b"Len has the spare.\n\n## Still open"))
    assert check_session_logs(worked.workspace, Wanted()).logs == ()
    record(worked, f"{NUMBER}-cccccccccc", datetime(2026, 4, 22, 20, 0, tzinfo=UTC), 5)
    mine = path.read_bytes()
    checked = check_session_logs(worked.workspace, Wanted())
    assert [(log.path, log.outcome) for log in checked.logs] == [
        (path.relative_to(worked.root).as_posix(), "kept"),
    ]
    done = write_session_logs(worked.workspace, Wanted((NUMBER,)))
    assert ([log.outcome for log in done.logs], done.exit_code) == (["unchanged", "kept"], Exit.DECISION)
    assert path.read_bytes() == mine
    done = write_session_logs(worked.workspace, Wanted((NUMBER,)), update=True)
    assert ([log.outcome for log in done.logs], done.exit_code) == (["unchanged", "merged"], Exit.DONE)
    text = path.read_text("utf-8")
    assert "\nLen has the spare.\n\n## Still open" in text
    assert f"Ref {NUMBER}-cccccccccc" in text
    assert "\nminutes: 35\n" in text
    assert check_session_logs(worked.workspace, Wanted()).logs == ()


def test_a_log_that_nobody_edited_is_behind_when_its_ticket_changes(worked: Office) -> None:
    write_session_logs(worked.workspace, APRIL)
    said_by_syncro(worked, "In Progress", "Scheduled")
    head = git(worked.root, "rev-parse", "HEAD")
    found = check_session_logs(worked.workspace, Wanted())
    assert {(log.number, log.outcome) for log in found.logs} == {(NUMBER, "replaced")}
    assert git(worked.root, "rev-parse", "HEAD") == head


def test_a_broken_template_stops_its_logs_and_no_others(worked: Office) -> None:
    folder = worked.root / "templates"
    folder.mkdir(exist_ok=True)
    source = "{% if ticket.number == '32164' %}\n{{ tickt }}\n{% endif %}ok"
    (folder / "session-log-own.md.j2").write_text(source, "utf-8")
    april = Wanted(first=APRIL.first, last=APRIL.last, template="own")
    done = write_session_logs(worked.workspace, april)
    (failure,) = done.failed
    assert failure.number == OTHER
    assert str(failure.error).startswith("templates/session-log-own.md.j2:2: 'tickt' is undefined")
    assert isinstance(failure.error, TemplateFailed)
    assert done.exit_code == Exit.FAILED
    assert [name for name in names(worked) if str(NUMBER) in name] == [
        "2026-04-21-32162-server-upgrade.own.md",
        "2026-04-22-32162-server-upgrade.own.md",
    ]
    assert not [name for name in names(worked) if str(OTHER) in name]
    with pytest.raises(TemplateFailed):
        write_session_log(worked.workspace, OTHER, template="own")


def test_a_file_that_is_not_valid_stops_its_log_and_no_others(worked: Office) -> None:
    worked.edit(("notes: []", "notes: ["), number=OTHER)
    done = write_session_logs(worked.workspace, APRIL)
    assert [failure.number for failure in done.failed] == [OTHER]
    assert done.exit_code == Exit.DECISION
    assert NUMBER in {log.number for log in done.logs}
    with pytest.raises(InvalidFile):
        write_session_log(worked.workspace, OTHER)
    with pytest.raises(UnknownTicket):
        write_session_log(worked.workspace, 7)


def test_what_is_not_there_yet_stands_among_what_is_open(worked: Office) -> None:
    worked.write_note("notes:\n  - note: Ask about the <b>spare</b>.\n    to: private\n")
    path = write_session_log(worked.workspace, NUMBER).path
    assert "- not posted yet: Ask about the \\<b>spare\\</b>." in (worked.root / path).read_text("utf-8")
    path = write_session_log(worked.workspace, NUMBER, template="customer").path
    assert "spare" not in (worked.root / path).read_text("utf-8")


def test_a_report_for_a_customer_lies_beside_the_log(worked: Office) -> None:
    write_session_log(worked.workspace, NUMBER)
    path = write_session_log(worked.workspace, NUMBER, template="customer").path
    assert path.endswith("/2026-04-22-32162-server-upgrade.customer.md")
    index = (worked.root / path).with_name("README.md").read_text("utf-8")
    assert "[customer](2026-04-22-32162-server-upgrade.customer.md)" in index
    assert "## 2026-04: 2 logs, 2h" in index


def test_a_readme_of_ones_own_is_left_alone(worked: Office) -> None:
    folder = worked.root / "clients" / "lens-auto-brokerage" / "session-logs"
    folder.mkdir()
    (folder / "README.md").write_bytes(b"# Ours\n")
    done = write_session_logs(worked.workspace, Wanted((NUMBER,)))
    assert done.foreign == ("clients/lens-auto-brokerage/session-logs/README.md",)
    assert (folder / "README.md").read_bytes() == b"# Ours\n"
    assert len(done.logs) == 2


def test_a_folder_that_is_a_link_stops_its_customers_logs_and_no_others(worked: Office, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (worked.path().parents[1] / "session-logs").symlink_to(tmp_path / "outside")
    done = write_session_logs(worked.workspace, APRIL)
    assert {failure.number for failure in done.failed} == {NUMBER}
    assert OTHER in {log.number for log in done.logs}
    assert not list((tmp_path / "outside").iterdir())
    assert check_session_logs(worked.workspace, Wanted()).exit_code == Exit.DONE


def test_an_edited_title_shows_in_the_index_and_an_own_file_does_not(worked: Office) -> None:
    write_session_logs(worked.workspace, Wanted((NUMBER,)))
    path = log_file(worked, "2026-04-21")
    path.write_bytes(path.read_bytes().replace(b'subject: "Server upgrade"', b'subject: "The [whistling](x) disk"'))
    path.with_name("my-notes.md").write_bytes(b"mine\n")
    write_session_logs(worked.workspace, Wanted((NUMBER,)))
    index = path.with_name("README.md").read_text("utf-8")
    assert "| The \\[whistling\\](x) disk |" in index
    assert "my-notes" not in index


def test_a_ticket_nothing_was_posted_on_has_a_log_of_its_last_day(mirrored: Office) -> None:
    log = write_session_log(mirrored.workspace, 32165)
    assert "No work was posted." in (mirrored.root / log.path).read_text("utf-8")
    assert f"\n### {log.day} " in mirrored.text(32165)
    assert write_session_log(mirrored.workspace, 32165).outcome == "unchanged"
    assert not write_session_logs(mirrored.workspace, Wanted(first=log.day, last=log.day)).logs


def test_two_clones_that_wrote_logs_merge_and_the_next_log_mends_the_index(worked: Office) -> None:
    git(worked.root, "branch", "other")
    day = date(2026, 4, 21)
    write_session_logs(worked.workspace, Wanted((NUMBER,), first=day, last=day))
    git(worked.root, "switch", "--quiet", "other")
    write_session_logs(worked.workspace, Wanted((NUMBER,)))
    both = {path: path.read_bytes() for path in worked.root.glob("clients/*/session-logs/*")}
    git(worked.root, "-c", "merge.synclog.driver=true", "merge", "--quiet", "--no-edit", "main")
    write_session_logs(worked.workspace, Wanted((NUMBER,)))
    assert {path: path.read_bytes() for path in worked.root.glob("clients/*/session-logs/*")} == both
