"""`init --assistant`, `--editor`, `--hook`, `schema`, `check --staged`: help where people write, replacing nothing of
theirs."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from support.gitrepos import git, isolate_git, make_repository, put
from support.office import NUMBER, Office, snapshot
from support.ticketfiles import PATH, RULES, ticket_text
from support.yamlcore import read

from synclog.cli.context import App
from synclog.cli.entry import run
from synclog.cli.equipping import _KINDS
from synclog.core.assistant import BEGIN, END
from synclog.core.schema import KINDS
from synclog.core.ticketfile import parse_ticket_file
from synclog.core.vscode import PROBLEM, snippets
from synclog.workspace.workspace import Workspace

CHECKOUT = Path(__file__).resolve().parents[2]
SHEET = (CHECKOUT / "synclog" / "assistant" / "sheet.md").read_text("utf-8")
COMMANDS = ("AGENTS.md", ".claude/commands/syncro.md")
OF_VSCODE = ("settings.json", "extensions.json", "tasks.json", "synclog.code-snippets")
BAD = "---\nsubject: New switch\nnotes:\n  - note: Ordered it.\n    tiem: 30m\n---\n"
GOOD = BAD.replace("tiem", "time")
DRAFT = "clients/jerry-burger/tickets/new-switch.md"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without a workspace, a key or personal settings."""
    isolate_git(monkeypatch, tmp_path / "home")
    monkeypatch.setenv("SYNCLOG_CONFIG_DIR", str(tmp_path / "config"))
    return tmp_path


@pytest.fixture
def msp(home: Path) -> Path:
    """A new workspace, with labor."""
    root = home / "msp"
    assert run(["init", str(root), "--subdomain", "copperline", "--timezone", "America/Phoenix"]) == 0
    settings = (root / "synclog.yaml").read_text("utf-8")
    (root / "synclog.yaml").write_text(settings.replace("labor: {}", "labor:\n  remote: 1190473\n  on, site: 26118"))
    git(root, "commit", "--quiet", "--all", "--message=our labor")
    return root


def init(root: Path, *options: str) -> int:
    return run(["-C", str(root), "init", *options])


# --- the sheet for assistants ----------------------------------------------------------------------------------------


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", SHEET, re.MULTILINE | re.DOTALL)


def test_every_command_of_the_sheet_does_what_it_says(
    pulled: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pulled.change_settings("confirm: ask", "confirm: plan")
    monkeypatch.setenv("SYNCLOG_API_KEY", pulled.key)
    lines = [line for block in blocks("console") for line in block.splitlines()]
    assert all(line.startswith("$ synclog ") and line.endswith(" --json") for line in lines)
    results: dict[str, Any] = {}
    for line in lines:
        assert pulled.comments() == []
        plan = results.get("push", {}).get("plan", {})
        capsys.readouterr()
        words = shlex.split(line.removeprefix("$ synclog ").replace("ID", plan.get("id", "none")))
        assert run(["-C", str(pulled.root), *words]) == 0, line
        results[words[0]] = json.loads(capsys.readouterr().out)["result"]
    assert list(results) == ["pull", "list", "search", "show", "status", "comment", "check", "diff", "push"]
    assert results["search"]["tickets"][0]["number"] == NUMBER
    assert results["comment"]["queued"] is True
    assert results["check"] == {"problems": [], "slips": []}
    assert results["diff"]["pending"][0]["notes"][0]["billed_minutes"] == 90
    assert plan["mails"] == []
    assert plan["tickets"][0]["notes"][0]["filled_in"] == ["subject"]
    assert [done["op"] for done in results["push"]["done"]] == ["comment"]
    (comment,) = pulled.comments()
    assert not comment["hidden"]


def test_the_sheet_names_what_there_is_in_a_plan() -> None:
    page = (CHECKOUT / "docs" / "commands.md").read_text("utf-8")
    shown = SHEET.partition("### Show the plan")[2]
    names = set(re.findall(r"`([a-z_]+)`", shown)) - {"to", "id", "push"}
    assert names == {"filled_in", "mails", "done", "not_done"}
    assert [name for name in names if f"`{name}`" not in page] == []


def test_the_yaml_of_the_sheet_is_read_as_it_says() -> None:
    notes, draft = blocks("yaml")
    (note,) = parse_ticket_file(ticket_text(notes), PATH, RULES).notes
    assert (note.minutes, note.labor, note.to) == (90, "remote", "public")
    new = parse_ticket_file(f"---\n{draft}---\n", PATH.replace("32162", "new"), RULES)
    assert (new.is_draft, new.description) == (True, "The old one drops the phones.")


def test_the_sheet_lets_nothing_be_sent_that_nobody_was_shown() -> None:
    lines = "\n".join(blocks("console"))
    assert "--yes" not in lines
    for line in lines.splitlines():
        sends = re.match(r"\$ synclog (push|comment|resolve|create|update|close|bill|delete|stop)\b", line)
        assert not sends or re.search(r" (--dry-run|--plan ID|--queue) ", line), line


def test_the_sheet_is_committed_by_the_technician_in_both_files_and_a_second_run_changes_nothing(
    msp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert init(msp, "--assistant") == 0
    assert "consider `push: {confirm: plan}`" in capsys.readouterr().out
    assert git(msp, "show", "--format=%an %s", "--name-only").splitlines() == [
        "Mira Stanton synclog: a command sheet for assistants",
        "",
        *sorted(COMMANDS, key=str.lower, reverse=True)[::-1],
    ]
    for name in COMMANDS:
        assert f"{BEGIN}\n{SHEET}{END}\n" in (msp / name).read_text("utf-8")
    command = (msp / COMMANDS[1]).read_text("utf-8")
    assert set(read(command.split("---\n")[1])) == {"description", "argument-hint"}
    before = snapshot(msp, without=("index", "logs"))
    assert init(msp, "--assistant") == 0
    assert snapshot(msp, without=("index", "logs")) == before


def test_what_people_wrote_around_the_sheet_stays(msp: Path) -> None:
    ours = "# Our rules\n\nBe kind to the printers.\n"
    put(msp, {"AGENTS.md": ours, COMMANDS[1]: "Ask Syncro by curl.\n"})
    git(msp, "add", "--all")
    git(msp, "commit", "--quiet", "--message=ours")
    assert init(msp, "--assistant") == 0
    first = (msp / "AGENTS.md").read_text("utf-8")
    assert first.startswith(f"{ours}\n{BEGIN}\n")
    assert (msp / COMMANDS[1]).read_text("utf-8").startswith(f"Ask Syncro by curl.\n\n{BEGIN}\n")
    changed = first.replace("printers", "scanners").replace(SHEET, "An older sheet.\n") + "\nAnd one word more.\n"
    put(msp, {"AGENTS.md": changed})
    git(msp, "commit", "--quiet", "--all", "--message=ours again")
    assert init(msp, "--assistant") == 0
    assert (msp / "AGENTS.md").read_text("utf-8") == changed.replace("An older sheet.\n", SHEET)
    assert git(msp, "status", "--porcelain") == ""


def test_changes_of_ones_own_that_are_not_committed_are_not_committed_along(
    msp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(msp, {"AGENTS.md": "not for everybody yet\n"})
    assert init(msp, "--assistant") == 0
    assert "AGENTS.md has changes of yours" in capsys.readouterr().out
    assert BEGIN in (msp / "AGENTS.md").read_text("utf-8")
    assert git(msp, "status", "--porcelain") == "?? AGENTS.md"


def test_a_run_that_was_killed_before_its_commit_is_finished_by_the_next(msp: Path) -> None:
    assert init(msp, "--assistant") == 0
    git(msp, "reset", "--quiet", "--soft", "HEAD^")
    git(msp, "reset", "--quiet")
    assert init(msp, "--assistant") == 0
    assert git(msp, "status", "--porcelain") == ""


def test_markers_that_are_no_pair_are_left_for_a_person(msp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(msp, {"AGENTS.md": f"{BEGIN}\nhalf\n"})
    assert init(msp, "--assistant") == 3
    assert "AGENTS.md was left as it is" in capsys.readouterr().err
    assert (msp / "AGENTS.md").read_text("utf-8") == f"{BEGIN}\nhalf\n"
    assert (msp / COMMANDS[1]).exists()


def test_a_link_is_not_followed(msp: Path, home: Path) -> None:
    (home / "elsewhere").mkdir()
    (msp / ".claude").symlink_to(home / "elsewhere", target_is_directory=True)
    assert init(msp, "--assistant") == 1
    assert list((home / "elsewhere").iterdir()) == []


def test_a_file_that_is_not_utf_8_is_left_and_named(msp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (msp / "AGENTS.md").write_bytes("# Büro\n".encode("latin-1"))
    assert init(msp, "--assistant") == 3
    assert "AGENTS.md" in capsys.readouterr().err
    assert (msp / "AGENTS.md").read_bytes() == "# Büro\n".encode("latin-1")
    assert (msp / ".claude" / "commands" / "syncro.md").exists()


@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_terminal_is_asked_whether_only_shown_plans_may_be_pushed(
    msp: Path, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["n", answer])
    monkeypatch.setattr(App, "interactive", True)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: next(answers))
    before = (msp / "synclog.yaml").read_text("utf-8")
    assert init(msp, "--assistant") == 0
    after = (msp / "synclog.yaml").read_text("utf-8")
    assert after == (before.replace("confirm: ask ", "confirm: plan ") if answer == "y" else before)
    assert Workspace.open(msp).settings.confirm == ("plan" if answer == "y" else "ask")
    assert git(msp, "status", "--porcelain") == ""


# --- VS Code ---------------------------------------------------------------------------------------------------------


def test_vscode_gets_its_files_and_the_schemas_that_they_name(msp: Path) -> None:
    assert init(msp, "--editor", "vscode") == 0
    files = {name: json.loads((msp / ".vscode" / name).read_text("utf-8")) for name in OF_VSCODE}
    for path in files["settings.json"]["yaml.schemas"]:
        schema = json.loads((msp / path).read_text("utf-8"))
        jsonschema.Draft7Validator.check_schema(schema)
    assert '"on, site"' in (msp / ".synclog" / "schemas" / "draft.schema.json").read_text("utf-8")
    assert git(msp, "status", "--porcelain") == ""
    assert (msp / ".prettierignore").read_text("utf-8") == "/clients/\n"
    before = snapshot(msp, without=(".git",))
    assert init(msp, "--editor", "vscode") == 0
    assert snapshot(msp, without=(".git",)) == before


def test_a_clone_has_its_schemas_when_it_is_ready(msp: Path, home: Path) -> None:
    assert init(msp, "--editor", "vscode") == 0
    git(home, "clone", "--quiet", str(msp), "clone")
    assert init(home / "clone") == 0
    assert all((home / "clone" / ".synclog" / "schemas" / f"{kind}.schema.json").is_file() for kind in KINDS)


def test_settings_of_ones_own_are_completed_and_never_overwritten(
    msp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = '{\n    // ours\n    "editor.rulers": [120],\n    "[markdown]": {"editor.formatOnSave": true}\n}\n'
    put(msp, {".vscode/settings.json": ours, ".vscode/tasks.json": "{ not ours", ".prettierignore": "*.js"})
    git(msp, "add", "--all")
    git(msp, "commit", "--quiet", "--message=ours")
    capsys.readouterr()
    assert init(msp, "--editor", "vscode") == 3
    said = capsys.readouterr()
    assert "left as it is: `[markdown].editor.formatOnSave` in .vscode/settings.json" in said.out
    assert ".vscode/tasks.json was left as it is: line 1 is not JSON" in said.err
    settings = (msp / ".vscode" / "settings.json").read_text("utf-8")
    assert settings.startswith(
        '{\n    // ours\n    "editor.rulers": [120],\n    "[markdown]": {"editor.formatOnSave": true'
    )
    assert '"yaml.schemas": {' in settings
    assert (msp / ".vscode" / "tasks.json").read_text("utf-8") == "{ not ours"
    assert (msp / ".prettierignore").read_text("utf-8") == "*.js\n/clients/\n"


def test_the_task_sees_each_problem_of_check_with_its_place_and_severity(
    msp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = "clients/jerry-burger/tickets"
    texts = {
        "new-key.md": BAD,
        "new-colon.md": "---\nsubject: New switch\nnotes:\n  - Cause: the switch\n---\n",
        "new-slip.md": "---\nsubject: New switch\nnote: Ordered it.\n---\n",
        "new-yaml.md": "---\nsubject: [\n---\n",
        "new-none.md": "no front matter\n",
        "nameless.md": "---\nsubject: Lost\n---\n",
        "32162-a.md": ticket_text(),
        "32162-b.md": ticket_text(),
    }
    put(msp, {f"{folder}/{name}": text for name, text in texts.items()})
    (msp / folder / "new-latin.md").write_bytes(b"---\nsubject: Gr\xf6\xdfe\n---\n")
    capsys.readouterr()
    assert run(["-C", str(msp), "check"]) == 3
    lines = capsys.readouterr().out.splitlines()
    found = [match.groups() for line in lines if (match := re.match(PROBLEM, line))]
    seen = {Path(file).name: (int(line), severity) for file, line, _, severity, message in found if message}
    assert seen == {
        "new-key.md": (5, None),
        "new-colon.md": (4, None),
        "new-slip.md": (3, "warning"),
        "new-yaml.md": (3, None),
        "new-none.md": (1, None),
        "nameless.md": (1, None),
        "new-latin.md": (2, None),
        "32162-a.md": (1, None),
        "32162-b.md": (1, None),
    }
    assert [line for line in lines if not re.match(PROBLEM, line) and not line.startswith("    ")] == []


@pytest.mark.parametrize("labor", [(), ("remote", "on, site", "a|b", "5$ {x}", "yes")])
def test_every_snippet_makes_what_synclog_reads(labor: tuple[str, ...]) -> None:
    for name, snippet in snippets(labor).items():
        for choice in range(len(labor) or 1):
            text = "\n".join(expanded(line, choice) for line in snippet["body"])
            front = text.removeprefix("---\n").removesuffix("\n---")
            if snippet["prefix"] not in ("notes", "ticket"):
                front = "notes:\n" + "".join(f"  {line}\n" for line in text.splitlines())
            top = yaml.safe_load(front)
            written = top["notes"][0].get("labor", labor[choice] if labor else "labor")
            assert written == (labor[choice] if labor else "labor"), name
            rules = RULES.__class__(labor=dict.fromkeys([*labor, "labor"]), timezone=RULES.timezone)  # type: ignore[arg-type]
            full = f"---\n{front}\n---\n" if "subject" in top else ticket_text(front)
            path = PATH.replace("32162", "new") if "subject" in top else PATH
            assert parse_ticket_file(full, path, rules).notes[0].text == "What was done."


def expanded(line: str, choice: int) -> str:
    """A line of a snippet as an editor leaves it when nothing is typed; of choices, the one at `choice`."""

    def chosen(match: re.Match[str]) -> str:
        options = re.split(r"(?<!\\),", match[1])
        return re.sub(r"\\([\\,|])", r"\1", options[choice % len(options)])

    return re.sub(r"\$\{\d:([^}]*)\}", r"\1", re.sub(r"\$\{\d\|((?:\\.|[^|\\])*)\|\}", chosen, line))


# --- schema ----------------------------------------------------------------------------------------------------------


def test_a_schema_holds_what_the_account_has(pulled: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-C", str(pulled.root), "schema", "draft"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert "In Progress" in shown["properties"]["status"]["anyOf"][0]["enum"]
    assert "Mike Sorrel" in shown["properties"]["assigned_to"]["anyOf"][0]["enum"]
    fields = shown["definitions"]["note"]["anyOf"][0]["properties"]
    assert fields["labor"]["anyOf"][0]["enum"] == ["remote", "onsite", "emergency", "project"]
    assert run(["-C", str(pulled.root), "schema", "draft", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["result"] == {"written": [], "schema": shown}


def test_schemas_are_written_where_editors_look(msp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert tuple(KINDS) == _KINDS
    assert run(["-C", str(msp), "schema"]) == 0
    written = [line.removeprefix("written: ") for line in capsys.readouterr().out.splitlines()]
    assert written == [f".synclog/schemas/{kind}.schema.json" for kind in KINDS]
    assert all(json.loads((msp / name).read_text("utf-8"))["$schema"] for name in written)


def test_caches_that_can_not_be_written_stop_nothing_else_of_init(
    msp: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "elsewhere").mkdir()
    shutil.rmtree(msp / ".synclog")
    (msp / ".synclog").symlink_to(home / "elsewhere", target_is_directory=True)
    assert init(msp, "--assistant") == 1
    assert ".synclog is a link" in capsys.readouterr().err
    assert list((home / "elsewhere").iterdir()) == []
    assert (msp / "AGENTS.md").is_file()


# --- hooks -----------------------------------------------------------------------------------------------------------


def commit(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "commit", "--message=by hand", *words], cwd=root, capture_output=True, encoding="utf-8", check=False
    )


def test_a_commit_by_hand_of_what_is_not_valid_is_refused_with_its_place(msp: Path) -> None:
    assert init(msp, "--hook") == 0
    assert init(msp, "--hook") == 0
    put(msp, {DRAFT: BAD})
    git(msp, "add", DRAFT)
    refused = commit(msp)
    assert refused.returncode != 0
    assert f"{DRAFT}:5:5: `tiem` is not a key of a note (did you mean `time`?)" in refused.stdout + refused.stderr
    put(msp, {DRAFT: GOOD})
    assert commit(msp, "--all").returncode == 0, "git makes an index of its own for this"
    assert git(msp, "show", f"HEAD:{DRAFT}") == GOOD.rstrip("\n")


def test_what_is_staged_is_checked_and_not_what_is_in_the_file_now(msp: Path) -> None:
    words = ["-C", str(msp), "check", "--staged"]
    put(msp, {DRAFT: BAD})
    assert run(words) == 0, "a bad file that is not staged is not committed"
    git(msp, "add", DRAFT)
    put(msp, {DRAFT: GOOD})
    assert run(words) == 3
    git(msp, "add", DRAFT)
    put(msp, {DRAFT: BAD})
    assert run(words) == 0


def test_a_workspace_in_a_folder_of_a_repository_has_its_hook_there(home: Path) -> None:
    top = make_repository(home / "docs", {"a.md": "a\n"})
    assert run(["init", str(top / "our msp"), "--subdomain", "copperline", "--hook"]) == 0
    put(top, {f"our msp/{DRAFT}": BAD})
    git(top, "add", "--all")
    assert commit(top).returncode != 0


def test_no_folder_name_of_a_repository_becomes_a_line_of_a_hook(home: Path) -> None:
    top = make_repository(home / "docs", {"a.md": "a\n"})
    assert run(["init", str(top / "a\ntouch pwned\n#"), "--subdomain", "copperline", "--hook"]) == 1
    assert not (top / ".git" / "hooks" / "pre-commit").exists()


def test_another_hook_is_never_replaced(msp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    theirs = msp / ".git" / "hooks" / "pre-commit"
    theirs.parent.mkdir(exist_ok=True)
    theirs.write_text("#!/bin/sh\nexit 0\n")
    assert init(msp, "--hook") == 3
    said = capsys.readouterr().err
    assert "there is one already" in said
    assert "check --staged || exit 1" in said
    assert theirs.read_text() == "#!/bin/sh\nexit 0\n"
    theirs.unlink()
    git(msp, "config", "core.hooksPath", "our-hooks")
    assert init(msp, "--hook") == 3
    assert "our-hooks (core.hooksPath)" in capsys.readouterr().err
    assert not theirs.exists()


def test_staged_and_files_do_not_go_together(msp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-C", str(msp), "check", "--staged", DRAFT]) == 2
    assert "name no files" in capsys.readouterr().err


def test_the_hook_for_pre_commit_runs_on_ticket_files_and_refuses_a_bad_one(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (hook,) = yaml.safe_load((CHECKOUT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert {"id", "name", "entry", "language", "files"} <= set(hook)
    names = [
        DRAFT,
        f"our msp/{DRAFT}",
        "clients/a/client.md",
        "clients/a/tickets/photo.jpg",
        "clients/a/tickets/x/y.md",
    ]
    assert [name for name in names if re.search(hook["files"], name)] == names[:2]
    top = make_repository(home / "docs", {"a.md": "a\n"})
    assert run(["init", str(top / "our msp"), "--subdomain", "copperline"]) == 0
    monkeypatch.chdir(top)
    program, *words = shlex.split(hook["entry"])
    assert program == "synclog"
    for text, code in ((BAD, 3), (GOOD, 0)):
        put(top, {names[1]: text})
        capsys.readouterr()
        assert run([*words, names[1]]) == code
        assert (f"{DRAFT}:5:5: `tiem`" in capsys.readouterr().out) == (code == 3)
