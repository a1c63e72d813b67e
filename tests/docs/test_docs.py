"""The documentation can't lie: its commands exist, its examples parse, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml
from support.ticketfiles import PATH, RULES, ticket_text

from synclog.cli.entry import COMMANDS, cli
from synclog.core.settingsfile import parse_settings
from synclog.core.ticketfile import parse_ticket_file
from synclog.errors import SynclogError

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = [
    *(CHECKOUT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((CHECKOUT / "docs").glob("*.md")),
]
OF_A_WORKSPACE = ("clients", "tickets", ".synclog", ".claude", ".vscode")
DRAFT = "clients/hollow-oak-dental/tickets/new-switch.md"
CONTEXT = click.Context(cli, info_name="synclog")


def blocks(page: Path, *languages: str) -> Iterator[str]:
    for language, body in re.findall(r"^```(\w*)\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        if language in languages:
            yield body


def typed(page: Path) -> Iterator[list[str]]:
    """The command lines of a page that call synclog, as words."""
    for block in blocks(page, "console"):
        for line in block.splitlines():
            if line.startswith("$ synclog"):
                yield shlex.split(line[2:], comments=True)


def commands() -> list[tuple[str, click.Command]]:
    found = []
    for name in COMMANDS:
        command = cli.get_command(CONTEXT, name)
        assert command is not None
        found.append((name, command))
    return found


@pytest.mark.parametrize(("name", "command"), commands(), ids=list(COMMANDS))
def test_every_command_and_option_is_in_the_docs(name: str, command: click.Command) -> None:
    page = (CHECKOUT / "docs" / "commands.md").read_text("utf-8")
    section = re.search(rf"^## synclog {name}\b(.*?)^## ", page, re.MULTILINE | re.DOTALL)
    assert section is not None
    options = [p.opts[0] for p in command.params if isinstance(p, click.Option) and p.name != "as_json"]
    assert [option for option in options if f"`{option}" not in section[1]] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_line_in_the_docs_is_one_that_synclog_takes(page: Path) -> None:
    for words in typed(page):
        context = cli.make_context("synclog", words[1:], resilient_parsing=False)
        name, command, rest = cli.resolve_command(context, [*context._protected_args, *context.args])
        assert command is not None
        command.make_context(name, rest, parent=context)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_examples_of_a_commands_help_are_ones_that_it_takes(name: str) -> None:
    command = cli.get_command(CONTEXT, name)
    assert command is not None
    examples = [line.strip() for line in (command.epilog or "").splitlines() if line.strip().startswith("synclog ")]
    assert examples
    for line in examples:
        words = shlex.split(re.split(r"\s{3,}", line)[0])
        first = len(name.split()) + 1
        assert " ".join(words[1:first]) == name
        command.make_context(name, words[first:], parent=CONTEXT)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_part_of_the_project_that_a_page_names_is_there(page: Path) -> None:
    named = re.findall(r"`((?:[\w.-]+/)+(?:[\w-]+\.(?:py|md|j2))?)`", page.read_text("utf-8"))
    own = [name for name in named if name.split("/")[0] not in OF_A_WORKSPACE]
    assert [name for name in own if not any((top / name).exists() for top in (CHECKOUT, CHECKOUT / "synclog"))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_names_a_folder_of_one_machine(page: Path) -> None:
    assert (
        re.findall(r"(?:^|[\s`\"(])(/(?:home|root|tmp|work|Users|var)/\S*|[A-Z]:\\\S*)", page.read_text("utf-8")) == []
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_yaml_example_is_yaml_that_synclog_reads(page: Path) -> None:
    for block in blocks(page, "yaml"):
        top = yaml.safe_load(block)
        if "subject" in top:
            draft = parse_ticket_file(f"---\n{block}---\n", DRAFT, RULES)
            assert draft.is_draft
            assert (draft.extra, draft.warnings) == ((), ())
            assert len(draft.notes) == len(top["notes"])
        elif "notes" in top:
            file = parse_ticket_file(ticket_text(block), PATH, RULES)
            assert len(file.notes) == len(top["notes"])
        elif "conflicts" in top:
            text = ticket_text().replace("notes: []\n", "notes: []\n" + block)
            assert parse_ticket_file(text, PATH, RULES).conflicts
        elif "invoice" in top:
            text = ticket_text().replace("invoice: false\n", block)
            assert parse_ticket_file(text, PATH, RULES).invoice
        elif "hosts" not in top:
            address = "" if "syncro" in top else "syncro:\n  base_url: https://acme.syncromsp.com/api/v1\n"
            parse_settings(address + block, page.name)


def test_the_personal_settings_of_the_docs_are_read(tmp_path: Path) -> None:
    from synclog.workspace.userconfig import load_user_config

    (example,) = [b for b in blocks(CHECKOUT / "docs" / "settings-and-keys.md", "yaml") if b.startswith("hosts:")]
    (tmp_path / "config.yaml").write_text(example, "utf-8")
    (tmp_path / "config.yaml").chmod(0o600)
    known = load_user_config({"SYNCLOG_CONFIG_DIR": str(tmp_path)}).hosts["acme.syncromsp.com"]
    assert (known.tech, known.api_key_command) == ("Mike Sorrel", ("vault", "get", "syncro-key"))


def test_the_readme_has_the_two_commands() -> None:
    text = (CHECKOUT / "README.md").read_text("utf-8")
    assert "\n    pip install . && synclog demo\n" in text
    assert '\n    pip install ".[test]" && pytest\n' in text


def test_every_kind_of_error_is_in_the_docs() -> None:
    page = (CHECKOUT / "docs" / "commands.md").read_text("utf-8")

    def kinds(error: type[SynclogError]) -> set[str]:
        return {error.kind}.union(*(kinds(child) for child in error.__subclasses__()))

    own = {kind for kind in kinds(SynclogError) if kind not in ("syncro", "demo")}
    assert [kind for kind in sorted(own) if f"`{kind}`" not in page] == []


def test_every_library_has_its_reason_in_the_docs() -> None:
    import tomllib

    page = (CHECKOUT / "docs" / "design.md").read_text("utf-8").lower()
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
    named = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = [re.split(r"[<>=;\[ ]", line)[0].lower() for line in named]
    assert [name for name in names if name not in page] == []
