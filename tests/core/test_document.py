"""The shape of a file: front matter, scratch text, marker, mirror, base; what is refused, and what is only told."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.ticketfiles import BASE, MIRROR, PATH, ticket_text

from synclog.core import yamltext
from synclog.core.document import MARKER, decode_base, encode_base, parse_document, read_bytes, with_mirror
from synclog.core.yamltext import plain
from synclog.errors import InvalidFile, Problem


def front(*lines: str) -> str:
    return "---\n" + "\n".join(lines) + "\n---\n"


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(InvalidFile) as caught:
        parse_document(text, PATH)
    assert all(problem.remedy for problem in caught.value.problems)
    assert caught.value.path == PATH
    return caught.value.problems


# --- parts -------------------------------------------------------------------------------------------------------


def test_a_file_falls_into_its_parts() -> None:
    text = ticket_text().replace("---\n\n<!--", "---\nAsk Lena about the rack.\n\n<!--")
    document = parse_document(text, PATH)
    assert document.scratch == "Ask Lena about the rack.\n\n"
    assert document.mirror == MIRROR + "\n"
    assert document.base == BASE
    assert (document.base_problem, document.marker_problem) == (None, None)


def test_values_stay_the_text_that_was_typed() -> None:
    lines = (
        "a: yes",
        "b: 1:30",
        "c: 0x10",
        "d: 2026-04-20",
        "e: 1_000",
        "f: 'null'",
        "g: ~",
        "h:",
        "i: Null",
        "j: .inf",
    )
    assert plain(parse_document(front(*lines), PATH).front) == {
        "a": "yes", "b": "1:30", "c": "0x10", "d": "2026-04-20", "e": "1_000", "f": "null", "g": None, "h": None,
        "i": None, "j": ".inf",
    }  # fmt: skip


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_a_byte_order_mark_and_windows_line_ends_are_read_and_told(bom: str, newline: str) -> None:
    raw = (bom + ticket_text("notes:\n  - |\n    one\n    two").replace("\n", newline)).encode()
    document = parse_document(read_bytes(raw, PATH), PATH)
    assert document.newline == newline
    assert document.text.encode() == raw
    content = plain(document.front)
    assert isinstance(content, dict)
    assert content["notes"] == ("one\ntwo\n",)
    assert document.base == BASE


@pytest.mark.parametrize(
    ("raw", "line", "what"),
    [
        (b"---\nsubject: Gr\xfc\xdfe\n---\n", 2, "byte 15"),
        (b"---\nsubject: x\n---\n\0\n", 4, "NUL"),
        ("---\nsubject: x\n---\n".encode("utf-16"), 1, "NUL"),
    ],
)
def test_a_file_that_is_not_utf8_text_is_named_with_the_line(raw: bytes, line: int, what: str) -> None:
    with pytest.raises(InvalidFile) as caught:
        read_bytes(raw, PATH)
    assert caught.value.problems[0].line == line
    assert what in caught.value.problems[0].message


# --- front matter that is refused --------------------------------------------------------------------------------

REFUSED = {
    "no front matter": ("subject: x\n", 1, "does not begin with front matter"),
    "empty file": ("", 1, "does not begin with front matter"),
    "never closed": ("---\nsubject: x\n", 1, "never closed"),
    "empty front matter": ("---\n---\n", 2, "`key: value` lines"),
    "only a comment": (front("# later"), 2, "`key: value` lines"),
    "a list": (front("- a", "- b"), 2, "`key: value` lines"),
    "a text": (front("just words"), 2, "`key: value` lines"),
    "braces": (front("{number: 5}"), 2, "`key: value` lines"),
    "duplicate key": (front("status: New", "subject: x", "status: Resolved"), 4, "stands twice; it is in line 2"),
    "nested duplicate": (front("a:", "  b: 1", "  b: 2"), 4, "stands twice"),
    "tab": (front("notes:", "\t- x"), 3, "a tab indents this line"),
    "unclosed quote": (front("status: New", 'subject: "Server', "priority: Normal"), 3, "never closed"),
    "unclosed single quote": (front("subject: 'Server", "priority: Normal"), 2, "never closed"),
    "unknown escape": (front(r'subject: "C:\server"'), 2, "escape"),
    "half a character": (front(r'subject: "\ud83d"'), 2, ""),
    "colon": (front("status: New", "subject: Fix: the thing"), 3, "reads as a key"),
    "backtick": (front("subject: `x`"), 2, "can't begin with `"),
    "at sign": (front("subject: @home"), 2, "can't begin with @"),
    "percent": (front("subject: %d"), 2, "can't begin with %"),
    "brackets": (front("subject: [urgent] printer"), 2, "not valid YAML"),
    "anchor": (front("a: &x 1", "b: 2"), 2, "anchor"),
    "alias": (front("a: 1", "b: *x"), 3, "alias"),
    "tag": (front("a: !!python/object:os.system x"), 2, "tag"),
    "important": (front("subject: !important stuff"), 2, "tag"),
    "complex key": (front("? a", ": b"), 2, "key is not a plain word"),
    "list as key": (front("[a, b]: c"), 2, "key is not a plain word"),
    "document end": (front("a: 1", "..."), 3, "ends the YAML early"),
    "document start": (front("--- # x", "a: 1"), 2, "ends the YAML early"),
    "two documents": (front("a: 1", "--- # x", "b: 2"), 3, "second YAML document"),
    "wrong indent": (front("a: 1", "  b: 2"), 3, "reads as a key"),
    "depth": (front("a: " + "[" * 30 + "]" * 30), 2, "nested too deeply"),
    "deep and open": (front("a: " + "[" * 5000), 2, ""),
    "merge markers": (front("n: 5", "<<<<<<< HEAD", "a: 1", "=======", "a: 2", ">>>>>>> x"), 3, "conflict markers"),
    "escape character": (front("a: 1", "subject: \x1b[31mred"), 3, "control character (U+001B)"),
    "lone carriage return": (front("a: 1\rb: 2"), 2, "control character (U+000D)"),
    "line separator": (front("a: 1", "b: x\u2028y"), 3, "control character (U+2028)"),
    "next line": (front("a: x\x85y"), 2, "control character (U+0085)"),
    "second byte order mark": (front("a: \ufeffx"), 2, "control character (U+FEFF)"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_front_matter_that_could_be_misread_is_refused_with_its_line(case: str) -> None:
    text, line, what = REFUSED[case]
    found = problems(text)
    assert found[0].line == line
    assert what in found[0].message


def test_the_line_is_the_files_after_windows_line_ends_too() -> None:
    found = problems(front("a: 1", "subject: Fix: it").replace("\n", "\r\n"))
    assert (found[0].line, found[0].column) == (3, 13)


def test_all_that_is_wrong_is_named_at_once() -> None:
    found = problems(front("a: &x 1", "b: !y 2", "a: 3"))
    assert [problem.line for problem in found] == [2, 3, 4]


@pytest.mark.parametrize("case", REFUSED)
def test_both_yaml_parsers_find_the_same_problem(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    text = REFUSED[case][0]
    monkeypatch.setattr(yamltext, "_loader", lambda: yaml.CSafeLoader)
    fast = problems(text)
    monkeypatch.setattr(yamltext, "_loader", lambda: yaml.SafeLoader)
    assert problems(text) == fast


YAMLISH = st.text(alphabet="ab:- #'\"|>[]{},?\n\\&*!%@`~é😀0+", max_size=60)


@settings(max_examples=400, deadline=None)
@given(YAMLISH)
def test_both_yaml_parsers_read_the_same_nodes_at_the_same_places(source: str) -> None:
    import yaml

    def read(loader: type) -> object:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(yamltext, "_loader", lambda: loader)
            try:
                return parse_document(f"---\nnumber: 5\n{source}\n---\n", PATH).front
            except InvalidFile:
                return "refused"

    assert read(yaml.CSafeLoader) == read(yaml.SafeLoader)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80))
def test_no_file_content_is_a_crash(raw: bytes) -> None:
    for content in (raw, b"---\n" + raw + b"\n---\n", ticket_text().encode() + raw):
        try:
            parse_document(read_bytes(content, PATH), PATH)
        except InvalidFile as invalid:
            lines = [problem.line for problem in invalid.problems]
        else:
            lines = [1]
        assert min(lines) >= 1


# --- the marker and the base -------------------------------------------------------------------------------------

HOSTILE = [
    "--> <script>alert(1)</script>",
    "<!-- synclog:base {} -->",
    "a -- b --- c ---- d",
    'quotes " and \\ and \\u003c',
    "lines\nand\r\nmore\u2028and\u2029more\x85end",
    "\x1b[31mred\x07\x00\x7f\x9b",
    "\u202eright to left\u2066",
    "Ümläute 😀 ñ",
]


@pytest.mark.parametrize("subject", HOSTILE)
def test_no_subject_can_end_the_base_or_its_line(subject: str) -> None:
    line = encode_base(BASE | {"subject": subject})
    inside = line.removeprefix("<!-- ").removesuffix(" -->")
    assert "--" not in inside
    assert "<" not in inside
    assert ">" not in inside
    assert line.splitlines() == [line]
    assert all(char.isprintable() for char in line)
    assert decode_base(f"---\nx: 1\n---\n{line}\n") == BASE | {"subject": subject}


@settings(deadline=None)
@given(st.dictionaries(st.text(), st.none() | st.integers() | st.text() | st.lists(st.text())))
def test_every_base_reads_back(base: dict[str, object]) -> None:
    assert decode_base(encode_base(base)) == json.loads(json.dumps(base))


def test_half_a_character_is_replaced_rather_than_written() -> None:
    assert decode_base(encode_base({"subject": "\ud83d"})) == {"subject": "\ufffd"}


def test_the_base_is_the_same_bytes_whatever_the_order_of_its_keys() -> None:
    assert encode_base(dict(reversed(BASE.items()))) == encode_base(BASE)


LAST = encode_base(BASE)


@pytest.mark.parametrize(
    ("bent", "problem"),
    [
        (lambda text: text.replace(LAST, ""), "missing"),
        (lambda text: text + "typed below\n", "missing"),
        (lambda text: text.replace("-->\n", "--\n"), "damaged"),
        (lambda text: text.replace('"number": 32162,', '"number": 32162'), "damaged"),
        (lambda text: text.replace(LAST, "<!-- synclog:base [] -->"), "damaged"),
        (lambda text: text.replace(LAST, "<!-- synclog:base {} --> x"), "damaged"),
        (lambda text: text.replace(LAST, '<!-- synclog:base {"a": NaN} -->'), "damaged"),
        (lambda text: text.replace(LAST, '<!-- synclog:base {"a": 1, "a": 2} -->'), "damaged"),
        (lambda text: text.replace(LAST, '<!-- synclog:base {"a": ' + "[" * 9000 + "} -->"), "damaged"),
        (lambda text: text.replace(LAST, '<!-- synclog:base {"a": ' + "9" * 9000 + "} -->"), "damaged"),
    ],
)
def test_a_base_that_is_missing_or_damaged_is_told_and_no_error(bent, problem: str) -> None:  # type: ignore[no-untyped-def]
    document = parse_document(bent(ticket_text()), PATH)
    assert document.base is None
    assert document.base_problem == problem


def test_only_the_last_line_of_the_file_is_the_base() -> None:
    earlier = encode_base(BASE | {"status": "Closed"})
    text = ticket_text().replace("---\n\n<!--", f"---\n{earlier}\n\n<!--") + "\n  \n"
    document = parse_document(text, PATH)
    assert document.base == BASE
    assert document.scratch == f"{earlier}\n\n"


def test_a_missing_or_doubled_marker_is_told_and_loses_no_scratch_text() -> None:
    text = ticket_text().replace("---\n\n<!--", "---\nmine\n\n<!--")
    missing = parse_document(text.replace(MARKER + "\n", ""), PATH)
    assert missing.marker_problem == "missing"
    assert missing.scratch.startswith("mine\n")
    doubled = parse_document(text.replace(MARKER, f"{MARKER}\n{MARKER}"), PATH)
    assert doubled.marker_problem == "doubled"
    assert doubled.scratch == "mine\n\n"


def test_a_marker_that_a_customer_quotes_is_text() -> None:
    text = ticket_text().replace("> The server is slow.", f"> {MARKER}\n> The server is slow.")
    assert parse_document(text, PATH).marker_problem is None


# --- replacing the mirrored part ---------------------------------------------------------------------------------


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_a_new_mirror_changes_nothing_above_the_marker(bom: str, newline: str) -> None:
    above = "---\nnumber: 5 # mine\n\nnotes:   [ ]\n---\nscratch\ttext  \n\n\n"
    text = bom + (above + f"{MARKER}\nold\n{encode_base({'a': 1})}\n").replace("\n", newline)
    fresh = with_mirror(text, "\n## Conversation\n", {"b": 2})
    assert fresh.startswith(bom + above.replace("\n", newline))
    assert fresh == bom + (above + f"{MARKER}\n\n## Conversation\n\n{encode_base({'b': 2})}\n").replace("\n", newline)


@pytest.mark.parametrize("ending", ["", "\n", "mine", "mine\n", "mine\n\n", "mine\n\n\n"])
def test_a_missing_marker_is_added_below_the_scratch_text(ending: str) -> None:
    fresh = with_mirror(f"---\nnumber: 5\n---\n{ending}", MIRROR, BASE)
    document = parse_document(fresh, PATH)
    assert document.scratch.startswith(ending)
    assert document.scratch.strip() == ending.strip()
    assert (document.mirror, document.base) == (MIRROR + "\n", BASE)
    assert document.marker_problem is None


def test_a_missing_closing_line_end_is_no_obstacle() -> None:
    document = parse_document(with_mirror("---\nnumber: 5\n---", MIRROR, BASE), PATH)
    assert document.base == BASE


def test_the_same_mirror_again_is_the_same_bytes() -> None:
    text = ticket_text()
    assert with_mirror(text, MIRROR, BASE) == text


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=60))
def test_scratch_text_survives_any_number_of_pulls(scratch: str) -> None:
    text = f"---\nnumber: 5\n---\n{scratch}\n{MARKER}\n{MIRROR}\n{encode_base(BASE)}\n"
    before = parse_document(text, PATH).scratch
    fresh = with_mirror(with_mirror(text, "\nnew\n", {"b": 1}), MIRROR, BASE)
    assert parse_document(fresh, PATH).scratch == before
