"""A ticket's file as a whole: what is an edit, what is read-only, what is not valid, what a draft says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.ticketfiles import BASE, MIRROR, PATH, RULES, ticket_text

from synclog.core.merge import Conflict
from synclog.core.ticketfile import (
    READ_ONLY,
    TICKET_EDITABLE,
    FieldEdit,
    FileRules,
    TicketFile,
    duplicate_numbers,
    parse_ticket_file,
    render_new_ticket_file,
    with_fields,
)
from synclog.errors import InvalidFile, Problem

DRAFT = "clients/hollow-oak-dental/tickets/new-scanner.md"


def read(text: str, rules: FileRules = RULES, path: str = PATH) -> TicketFile:
    return parse_ticket_file(text.encode(), path, rules)


def refused(text: str, rules: FileRules = RULES, path: str = PATH) -> tuple[Problem, ...]:
    with pytest.raises(InvalidFile) as caught:
        read(text, rules, path)
    assert all(problem.remedy for problem in caught.value.problems)
    return caught.value.problems


def typed(before: str, after: str) -> str:
    """A ticket's file in which a technician typed `after` over `before`."""
    text = ticket_text()
    assert f"\n{before}\n" in text
    return text.replace(f"\n{before}\n", f"\n{after}\n" if after else "\n", 1)


def line_of(text: str, start: str) -> int:
    return next(i for i, line in enumerate(text.splitlines(), 1) if line.startswith(start))


# --- as pull makes it --------------------------------------------------------------------------------------------


def test_a_new_file_has_the_documented_layout() -> None:
    expected = """---
number: 32162
subject: Server upgrade
customer: Hollow Oak Dental
status: In Progress
notes: []
invoice: false
priority: Normal
problem_type: Server
due_date: 2026-04-20
assigned_to: Mika Sandoval
contact: Lena Fjord
tags: [server]
id: 108443837
customer_id: 24152385
created_at: 2026-04-15T09:12:00-07:00
updated_at: 2026-04-17T11:17:40-07:00
resolved_at: null
url: https://acme.syncromsp.com/tickets/108443837
invoices: []
---

<!-- synclog:mirror (below is mirrored from Syncro; changes here are not sent) -->

## Conversation

### 2026-04-15 09:12 · Lena Fjord · Initial Issue · public

> The server is slow.

<!-- synclog:base {"assigned_to": "Mika Sandoval", """
    assert ticket_text().startswith(expected)
    assert ticket_text().endswith('"version": "2026-04-17T18:17:40.123Z"} -->\n')


def test_a_new_file_holds_nothing_to_push() -> None:
    file = read(ticket_text())
    assert (file.number, file.id, file.is_draft, file.version) == (32162, 108443837, False, BASE["version"])
    assert (file.notes, file.invoice, file.edits, file.read_only_edits) == ((), False, (), ())
    assert (file.base_problem, file.marker_problem, file.warnings, file.extra) == (None, None, (), ())
    assert file.fields["tags"] == ("server",)
    assert file.fields["resolved_at"] is None
    assert file.base_values == {**file.fields}
    assert file.mirror == MIRROR + "\n"


@pytest.mark.parametrize(
    "value", ["a: b", "x #1", "- y", "'z", '"q"', "null", "yes", "[x]", "é😀", "-->", "---", "1:30", "@"]
)
def test_whatever_syncro_says_comes_back_as_it_is(value: str) -> None:
    changes = dict.fromkeys(("subject", "customer", "status", "priority", "problem_type", "contact", "due_date"), value)
    file = read(ticket_text(**changes, tags=[value, "b"], invoices=[value]))
    assert [file.fields[key] for key in changes] == [value] * len(changes)
    assert (file.fields["tags"], file.fields["invoices"]) == ((value, "b"), (value,))
    assert (file.edits, file.read_only_edits) == ((), ())


def test_what_a_newer_synclog_put_into_the_base_is_kept_for_it() -> None:
    assert read(ticket_text(later={"a": 1})).unknown_base == {"later": {"a": 1}}


# --- edits -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "edit"),
    [
        ("subject: Server upgrade", "subject: Disk swap", FieldEdit("subject", "Server upgrade", "Disk swap", 3)),
        ("status: In Progress", "status: Resolved  # done", FieldEdit("status", "In Progress", "Resolved", 5)),
        ("status: In Progress", "status: resol", FieldEdit("status", "In Progress", "Resolved", 5)),
        ("priority: Normal", "priority: High", FieldEdit("priority", "Normal", "High", 8)),
        ("priority: Normal", "priority:", FieldEdit("priority", "Normal", None, 8)),
        ("priority: Normal", "", FieldEdit("priority", "Normal", None, 0)),
        ("due_date: 2026-04-20", "due_date: 2026-05-01", FieldEdit("due_date", "2026-04-20", "2026-05-01", 10)),
        ("due_date: 2026-04-20", "due_date: 2026-05-01T17:00:00-07:00",
         FieldEdit("due_date", "2026-04-20", "2026-05-01T17:00:00-07:00", 10)),
        ("due_date: 2026-04-20", "due_date: null", FieldEdit("due_date", "2026-04-20", None, 10)),
        ("assigned_to: Mika Sandoval", "assigned_to: jörg",
         FieldEdit("assigned_to", "Mika Sandoval", "Jörg Ångström", 11, 1750)),
        ("assigned_to: Mika Sandoval", "assigned_to: Daniel Reyes (#1741)",
         FieldEdit("assigned_to", "Mika Sandoval", "Daniel Reyes (#1741)", 11, 1741)),
        ("contact: Lena Fjord", "contact: Ott", FieldEdit("contact", "Lena Fjord", "Lenard Ott", 12, 502)),
        ("tags: [server]", "tags: [server, disk]", FieldEdit("tags", ("server",), ("server", "disk"), 13)),
        ("tags: [server]", "tags: disk, raid", FieldEdit("tags", ("server",), ("disk", "raid"), 13)),
        ("tags: [server]", "tags: []", FieldEdit("tags", ("server",), (), 13)),
    ],
)  # fmt: skip
def test_what_differs_from_the_base_is_an_edit_in_the_accounts_words(before: str, after: str, edit: FieldEdit) -> None:
    file = read(typed(before, after))
    assert file.edits == (edit,)
    assert file.fields[edit.field] == edit.mine
    assert file.read_only_edits == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("status: In Progress", 'status: "In Progress"  # still'),
        ("status: In Progress", "status: in progress"),
        ("status: In Progress", "status: |\n  In Progress"),
        ("assigned_to: Mika Sandoval", "assigned_to: mika"),
        ("assigned_to: Mika Sandoval", "assigned_to: Mika Sandoval (#1735)"),
        ("contact: Lena Fjord", "contact: lena fjord"),
        ("tags: [server]", "tags:\n- server"),
        ("tags: [server]", "tags: server"),
        ("resolved_at: null", "resolved_at: ~"),
        ("resolved_at: null", ""),
    ],
)
def test_another_way_to_write_the_same_is_no_edit(before: str, after: str) -> None:
    file = read(typed(before, after))
    assert (file.edits, file.read_only_edits) == ((), ())
    assert file.base_values is not None
    assert all(file.fields[field] == file.base_values[field] for field in TICKET_EDITABLE)


def test_the_order_of_tags_is_no_edit() -> None:
    text = ticket_text(tags=["a", "b"]).replace("tags: [a, b]", "tags: [b, a]")
    assert read(text).edits == ()


def test_the_same_person_by_another_name_is_no_edit() -> None:
    text = ticket_text(assigned_to="Daniel Reyes", assigned_to_id=1740)
    assert read(text).edits == ()
    named = text.replace("assigned_to: Daniel Reyes", "assigned_to: Daniel Reyes (#1740)", 1)
    assert read(named).edits == ()
    other = text.replace("assigned_to: Daniel Reyes", "assigned_to: Daniel Reyes (#1741)", 1)
    assert [edit.id for edit in read(other).edits] == [1741]


def test_without_the_accounts_lists_names_are_taken_as_written() -> None:
    rules = FileRules(labor={}, timezone=RULES.timezone)
    text = typed("status: In Progress", "status: Whatever").replace(
        "assigned_to: Mika Sandoval", "assigned_to: Jo (#9)"
    )
    assert read(text, rules).edits == (
        FieldEdit("status", "In Progress", "Whatever", 5),
        FieldEdit("assigned_to", "Mika Sandoval", "Jo (#9)", 11, 9),
    )


def test_contacts_of_a_customer_that_is_not_known_are_taken_as_written() -> None:
    text = typed("contact: Lena Fjord", "contact: Somebody New")
    assert read(text, replace(RULES, contacts={7: ()})).edits == (
        FieldEdit("contact", "Lena Fjord", "Somebody New", 12),
    )


@pytest.mark.parametrize(
    ("before", "after", "line", "what", "remedy"),
    [
        ("subject: Server upgrade", "subject: Bay #4", 3, "cuts this subject", "double quotes"),
        ("subject: Server upgrade", r'subject: "C:\new"', 3, "one line", "one line"),
        ("subject: Server upgrade", "subject:", 3, "can't be empty", 'subject: "Server upgrade"'),
        ("subject: Server upgrade", "", 1, "`subject` is missing", 'subject: "Server upgrade"'),
        ("subject: Server upgrade", "subject: [Server]", 3, "not a text", "one line"),
        ("status: In Progress", "status: ''", 5, "can't be empty", 'status: "In Progress"'),
        ("status: In Progress", "status: Done", 5, "`Done` is not a status", "known: New, In Progress"),
        ("status: In Progress", "status: waiting", 5, "more than one", "Waiting on Customer, Waiting on Vendor"),
        ("assigned_to: Mika Sandoval", "assigned_to: Daniel Reyes", 11, "more than one",
         "Daniel Reyes (#1740), Daniel Reyes (#1741)"),
        ("assigned_to: Mika Sandoval", "assigned_to: Nobody", 11, "not a technician", "Mika Sandoval"),
        ("contact: Lena Fjord", "contact: len", 12, "more than one", "Lena Fjord, Lenard Ott"),
        ("contact: Lena Fjord", "contact: Mika", 12, "not a contact of this customer", "Lena Fjord, Lenard Ott"),
        ("due_date: 2026-04-20", "due_date: soon", 10, "`soon` is not a date", "2026-04-20"),
        ("due_date: 2026-04-20", "due_date: 2026-02-30", 10, "not a date", "2026-04-20"),
        ("tags: [server]", "tags: [[server]]", 13, "not a list of words", "tags: [one, two]"),
        ("tags: [server]", "tags: {a: b}", 13, "not a list of words", "tags: [one, two]"),
        ("invoice: false", "invoice: soon", 7, "`invoice` is not true or false", "invoice: true"),
        ("invoices: []", "invoices: []\ngone: maybe", 21, "`gone` is not true or false", "gone: true"),
        ("invoices: []", "invoices: []\nconflicts: [status]", 21, "not as synclog writes it", "git"),
        ("invoices: []", "invoices: []\nconflicts: {status: Resolved}", 21, "not as synclog writes it", "git"),
        ("invoices: []", "invoices: []\nconflicts: {number: {theirs: 1, base: 2}}", 21, "`number`", "git"),
        ("invoices: []", "invoices: []\nsynclog: {invoice: {after: soon}}", 21, "not a number", "git"),
        ("invoices: []", "invoices: []\nsynclog: {other: 1}", 21, "not as synclog writes it", "git"),
    ],
)  # fmt: skip
def test_what_can_not_be_sent_is_named_with_line_and_remedy(
    before: str, after: str, line: int, what: str, remedy: str
) -> None:
    (problem,) = refused(typed(before, after))
    assert problem.line == line
    assert what in problem.message
    assert remedy in problem.remedy


def test_all_problems_of_a_file_are_named_in_the_order_of_its_lines() -> None:
    text = typed("status: In Progress", "status: Done").replace("notes: []", "notes:\n- a # b")
    text = text.replace("due_date: 2026-04-20", "due_date: soon")
    assert [problem.line for problem in refused(text)] == [5, 7, 11]


@pytest.mark.parametrize("field", ["status", "priority", "assigned_to", "contact", "due_date", "problem_type"])
def test_a_value_that_equals_the_base_is_never_called_invalid(field: str) -> None:
    rules = replace(RULES, priorities=("High",), problem_types=("Network",))
    assert read(ticket_text(**{field: "Gone from the account"}), rules).edits == ()
    assert read(ticket_text(**{field: None}), rules).edits == ()


# --- read-only keys ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", READ_ONLY)
def test_an_edit_of_a_read_only_key_is_told_and_no_error(key: str) -> None:
    text = ticket_text(resolved_at="2026-04-18T09:00:00-07:00", invoices=["1001"])
    line = line_of(text, f"{key}:")
    edited = text.splitlines(keepends=True)
    edited[line - 1] = f"{key}: 77\n"
    file = read("".join(edited))
    assert [(edit.field, edit.line) for edit in file.read_only_edits] == [(key, line)]
    assert (file.number, file.id) == (32162, 108443837)
    removed = read("".join(edited[: line - 1] + edited[line:]))
    assert [(edit.field, edit.mine, edit.line) for edit in removed.read_only_edits] in (
        [(key, None, 0)],
        [(key, (), 0)],
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("created_at: 2026-04-15T09:12:00-07:00", "created_at: 2026-04-15T16:12:00Z"),
        ("created_at: 2026-04-15T09:12:00-07:00", "created_at: '2026-04-15 18:12:00+02:00'"),
        ("number: 32162", 'number: "32162"'),
        ("number: 32162", "number: 032162"),
    ],
)
def test_read_only_keys_are_compared_by_value(before: str, after: str) -> None:
    assert read(typed(before, after)).read_only_edits == ()


# --- the base ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bend",
    [
        lambda base: base | {"number": "32162"},
        lambda base: base | {"number": True},
        lambda base: base | {"tags": "server"},
        lambda base: base | {"tags": [1]},
        lambda base: base | {"status": 5},
        lambda base: base | {"comment": "many"},
        lambda base: {k: v for k, v in base.items() if k != "version"},
        lambda base: {k: v for k, v in base.items() if k != "id"},
        lambda base: {},
    ],
)
def test_a_base_that_is_not_a_tickets_is_damaged(bend: Callable[[dict[str, object]], dict[str, object]]) -> None:
    from synclog.core.document import encode_base

    text = ticket_text().replace(encode_base(BASE), encode_base(bend(dict(BASE))))
    file = read(text)
    assert (file.base, file.base_values, file.base_problem) == (None, None, "damaged")
    assert file.version == ""
    assert file.base_invoices == ()


def test_without_a_base_nothing_is_an_edit_and_the_ticket_is_known_by_its_number() -> None:
    text = typed("status: In Progress", "status: Whatever").rpartition("<!-- synclog:base")[0]
    file = read(text)
    assert (file.base_problem, file.number, file.id) == ("missing", 32162, 108443837)
    assert (file.edits, file.read_only_edits) == ((), ())
    assert file.fields["status"] == "Whatever"


def test_without_a_base_a_number_that_is_none_is_refused() -> None:
    text = typed("number: 32162", "number: soon").rpartition("<!-- synclog:base")[0]
    (problem,) = refused(text)
    assert (problem.line, "number: soon" in problem.message) == (2, True)


def test_a_file_without_any_number_is_refused_unless_its_name_says_that_it_is_new() -> None:
    (problem,) = refused("---\nsubject: x\n---\n")
    assert "no `number:`" in problem.message
    assert read("---\nsubject: x\n---\n", path=DRAFT).is_draft


def test_a_new_file_name_with_a_number_is_an_ordinary_file() -> None:
    assert not read(ticket_text(), path=DRAFT).is_draft


# --- a technician's own ------------------------------------------------------------------------------------------


def test_own_keys_are_kept_and_a_slip_in_a_key_that_is_sent_is_pointed_out() -> None:
    text = typed("invoices: []", "invoices: []\nrack: {bay: 4}\nnote: swapped\nwhatever: 1")
    file = read(text)
    assert file.extra == ("rack", "note", "whatever")
    assert [(warning.line, "`notes`" in warning.message) for warning in file.warnings] == [(22, True)]


def test_conflicts_are_read_and_go_with_their_entry() -> None:
    entry = "{status: {theirs: Resolved, base: New}, tags: {theirs: [a], base: []}, contact: {theirs: null, base: X}}"
    file = read(typed("invoices: []", f"invoices: []\nconflicts: {entry}"))
    assert file.conflicts == {
        "status": Conflict("Resolved", "New"),
        "tags": Conflict(("a",), ()),
        "contact": Conflict(None, "X"),
    }
    for empty in ("conflicts:", "conflicts: {}", "conflicts: null"):
        assert read(typed("invoices: []", f"invoices: []\n{empty}")).conflicts == {}


def test_scratch_text_and_mirror_are_found() -> None:
    text = ticket_text().replace("---\n\n<!--", "---\nAsk Lena.\n\n<!--")
    assert read(text).scratch == "Ask Lena.\n\n"


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    plain = read(ticket_text("notes:\n  - |\n    one\n    two"))
    windows = read("\ufeff" + plain.text.replace("\n", "\r\n"))
    assert windows.notes == plain.notes
    assert (windows.edits, windows.read_only_edits, windows.base) == ((), (), plain.base)
    edited = with_fields(windows.text, {"status": "New"})
    assert edited.replace("\r\n", "\n") == "\ufeff" + with_fields(plain.text, {"status": "New"})


# --- drafts ------------------------------------------------------------------------------------------------------


def test_a_draft_is_read_with_all_that_it_may_say() -> None:
    text = """---
subject: Scanner sends no mail
customer_id: 24152385
status: new
assigned_to: mika
contact: fjord
description: |
  Since Monday: all floors. # really
to: private
notes:
  - note: Called them
    time: 15
invoice: false
---
"""
    file = read(text, path=DRAFT)
    assert (file.is_draft, file.number, file.id, file.base_problem) == (True, None, None, None)
    assert (file.description, file.to) == ("Since Monday: all floors. # really", "private")
    assert [(edit.field, edit.mine, edit.id) for edit in file.edits] == [
        ("subject", "Scanner sends no mail", None),
        ("status", "New", None),
        ("assigned_to", "Mika Sandoval", 1735),
        ("contact", "Lena Fjord", 501),
    ]
    assert file.fields["customer_id"] == "24152385"
    assert (file.notes[0].text, file.notes[0].minutes, file.extra) == ("Called them", 15, ())


def test_a_draft_may_be_as_short_as_its_subject() -> None:
    file = read("---\nsubject: Scanner\n---\n", path=DRAFT)
    assert (file.description, file.to, file.notes, file.invoice) == (None, None, (), False)


@pytest.mark.parametrize(
    ("lines", "line", "what"),
    [
        ("status: New", 1, "needs a `subject:`"),
        ("status: New\nsubject:", 3, "needs a `subject:`"),
        ("subject: x\nto: all", 3, "nobody"),
        ("subject: x\nto: [public]", 3, "not one word"),
        ("subject: x\ndescription: Printer #2", 3, "cuts this description"),
        ("subject: x\ndescription:\n  Fixed: it", 4, "as a mapping"),
        ("subject: x\nstatus: Done", 3, "not a status"),
        ("subject: Bay #4", 2, "cuts this subject"),
    ],
)
def test_a_draft_is_checked_like_any_file(lines: str, line: int, what: str) -> None:
    (problem,) = refused(f"---\n{lines}\n---\n", path=DRAFT)
    assert problem.line == line
    assert what in problem.message


# --- several files -----------------------------------------------------------------------------------------------


def test_a_number_in_two_files_is_a_problem_of_both() -> None:
    one, two = read(ticket_text()), read(ticket_text(), path="clients/other/tickets/32162-copy.md")
    three = read(ticket_text(number=5), path="clients/other/tickets/5-x.md")
    drafts = [read("---\nsubject: Same\n---\n", path=f"clients/x/tickets/new-{i}.md") for i in range(2)]
    found = duplicate_numbers([one, two, three, *drafts])
    assert set(found) == {one.path, two.path}
    assert two.path in found[one.path].message
    assert one.path in found[two.path].message
    assert found[one.path].remedy


def test_rendering_twice_gives_the_same_bytes() -> None:
    file = read(ticket_text())
    assert render_new_ticket_file(file.fields, MIRROR, dict(reversed(BASE.items()))) == file.text
