"""New tickets: what makes a draft this ticket, its place among equal ones, and what of it is pending."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from support.ticketfiles import RULES

from synclog.core.drafts import DAYS_BACK, DraftFile, draft_content, draft_works, other_days
from synclog.core.references import REFERENCE, draft_reference, ticket_of
from synclog.core.settings import Defaults, Labor, Settings, SyncroSettings
from synclog.core.ticketfile import Stamp, parse_ticket_file, with_state
from synclog.core.work import DraftWork, InvoiceWork, TicketWork

TODAY, YESTERDAY = date(2026, 4, 20), date(2026, 4, 19)
CUSTOMER = 24152385
SETTINGS = Settings(
    syncro=SyncroSettings("https://acme.syncromsp.com/api/v1"),
    labor={"remote": Labor("remote", 1190473)},
    defaults=Defaults(labor="remote"),
)
PRINTER = (
    "subject: Printer prints blank pages\ndescription: |\n  Since Monday.\n  Floor two.\nto: private\npriority: High"
)


def draft(text: str = PRINTER, name: str = "printer", stamp: Stamp | None = None, **of: object) -> DraftFile:
    written = f"---\n{text}\n---\n"
    if stamp is not None:
        written = with_state(written, create=stamp)
    file = parse_ticket_file(written, f"clients/hollow-oak-dental/tickets/new-{name}.md", RULES)
    return replace(DraftFile(file, CUSTOMER, "Hollow Oak Dental"), **of)  # type: ignore[arg-type]


def works(*drafts: DraftFile, today: date = TODAY, settings: Settings = SETTINGS) -> list[TicketWork]:
    return draft_works(drafts, settings, today)


def only(*drafts: DraftFile, today: date = TODAY) -> DraftWork:
    (work,) = works(*drafts, today=today)
    assert work.draft is not None
    return work.draft


def stamped(work: DraftWork, **of: object) -> Stamp:
    return replace(Stamp(work.reference, work.day, work.place, 5512, 1735), **of)  # type: ignore[arg-type]


# --- what is pending in it ------------------------------------------------------------------------------------------


def test_a_draft_is_a_ticket_to_create_with_all_that_it_says() -> None:
    work = only(draft())
    assert (work.customer_id, work.subject, work.to) == (CUSTOMER, "Printer prints blank pages", "private")
    assert work.description == "Since Monday.\nFloor two."
    assert work.fields == (("priority", "High"),)
    assert (work.day, work.place, work.stamp) == (TODAY, 1, None)
    assert REFERENCE.fullmatch(work.reference)
    assert ticket_of(work.reference) is None


def test_what_a_draft_does_not_say_comes_from_the_defaults_and_is_named() -> None:
    work = only(draft("subject: Scanner"))
    assert (work.description, work.to) == ("Scanner", "public")
    assert work.filled == ("description", "to", "assigned_to")
    assert only(draft(PRINTER + "\nassigned_to: Mika Sandoval")).filled == ()


def test_notes_and_invoice_of_a_draft_are_pending_with_it() -> None:
    (work,) = works(draft(PRINTER + "\nnotes:\n  - note: Cleaned the drum.\n    time: 30\ninvoice: true"))
    assert (work.number, work.id, work.subject, work.customer) == (
        0,
        0,
        "Printer prints blank pages",
        "Hollow Oak Dental",
    )
    assert [(n.text, n.minutes, n.labor) for n in work.notes] == [("Cleaned the drum.", 30, "remote")]
    assert work.invoice == InvoiceWork(None)
    assert work.is_pending


def test_notes_of_a_draft_that_lack_something_are_held_like_any_other() -> None:
    no_default = replace(SETTINGS, defaults=Defaults())
    (work,) = works(draft(PRINTER + "\nnotes:\n  - note: Cleaned it.\n    time: 30"), settings=no_default)
    assert work.notes == ()
    assert [(h.what, h.decision) for h in work.held] == [("note", True)]
    assert work.draft is not None


def test_a_draft_whose_customer_is_not_known_is_a_decision_and_not_sent() -> None:
    (work,) = works(draft(customer_id=0, problem="`customer: Holow Oak` has no card here"))
    assert work.draft is None
    assert not work.is_pending
    assert [(h.what, h.reason, h.decision) for h in work.held] == [
        ("ticket", "`customer: Holow Oak` has no card here", True)
    ]


# --- what makes it this ticket --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        draft(PRINTER.replace("blank", "grey")),
        draft(PRINTER.replace("Floor two", "Floor three")),
        draft(PRINTER.replace("private", "email")),
        draft(PRINTER.replace("High", "Low")),
        draft(PRINTER + "\ntags: [printer]"),
        draft(customer_id=CUSTOMER + 1),
    ],
)
def test_other_content_or_another_customer_is_another_reference(changed: DraftFile) -> None:
    assert only(changed).reference != only(draft()).reference


@pytest.mark.parametrize(
    "same",
    [
        draft(name="called-otherwise"),
        draft(PRINTER + "\nnotes:\n  - Cleaned the drum."),
        draft(PRINTER + "\ninvoice: true\nmy_key: x"),
        draft(PRINTER.replace("Since Monday.", "Since Monday.  ")),
        draft(customer="Hollow Oak"),
    ],
)
def test_its_name_its_notes_and_keys_of_ones_own_change_nothing(same: DraftFile) -> None:
    assert only(same).reference == only(draft()).reference


def test_changed_defaults_change_nothing() -> None:
    other = replace(SETTINGS, defaults=Defaults(to="email", subject="Note"))
    (work,) = works(draft("subject: Scanner"), settings=other)
    assert work.draft is not None
    assert work.draft.to == "email"
    assert work.draft.reference == only(draft("subject: Scanner")).reference


def test_a_draft_of_another_day_is_another_ticket_until_it_is_stamped() -> None:
    fresh = only(draft(), today=YESTERDAY)
    assert only(draft()).reference != fresh.reference
    again = only(draft(stamp=stamped(fresh)))
    assert (again.reference, again.day, again.place) == (fresh.reference, YESTERDAY, 1)


def test_a_changed_draft_gets_a_reference_of_its_stamps_day_and_keeps_the_stamp() -> None:
    stamp = stamped(only(draft(), today=YESTERDAY))
    changed = only(draft(PRINTER.replace("High", "Low"), stamp=stamp))
    assert changed.stamp == stamp
    assert changed.day == YESTERDAY
    assert changed.reference != stamp.reference


@pytest.mark.parametrize("back", [1, 2, DAYS_BACK - 1])
def test_a_draft_knows_the_references_that_a_copy_of_it_got_on_the_days_before(back: int) -> None:
    work = only(draft())
    before = only(draft(), today=TODAY - timedelta(days=back))
    assert before.reference in other_days(work, TODAY)
    assert work.reference not in other_days(work, TODAY)
    assert only(draft("subject: Scanner")).reference not in other_days(work, TODAY)


# --- its place among equal ones ---------------------------------------------------------------------------------------


def test_two_equal_drafts_are_two_tickets_in_order_of_their_paths() -> None:
    first, second = (work.draft for work in works(draft(name="b"), draft(name="a")))
    assert first is not None
    assert second is not None
    assert (first.place, second.place) == (1, 2)
    assert first.reference != second.reference
    assert [w.path.rpartition("/")[2] for w in works(draft(name="b"), draft(name="a"))] == ["new-a.md", "new-b.md"]


def test_a_stamped_draft_keeps_its_place_whatever_stands_before_it() -> None:
    stamp = stamped(only(draft(name="b")))
    fresh, kept = (work.draft for work in works(draft(name="a"), draft(name="b", stamp=stamp)))
    assert fresh is not None
    assert kept is not None
    assert (fresh.place, kept.place) == (2, 1)
    assert kept.reference == stamp.reference


def test_a_draft_that_is_held_takes_no_place() -> None:
    held = draft(name="a", problem="it is not known whose folder x is")
    assert [w.draft.place for w in works(held, draft(name="b")) if w.draft] == [1]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), min_size=1, max_size=6))
@hypothesis_settings(derandomize=True, deadline=None, max_examples=60)
def test_no_two_drafts_ever_have_one_reference(written: list[tuple[str, bool]]) -> None:
    drafts = [draft(f"subject: {subject}", name=f"{place}") for place, (subject, _) in enumerate(written)]
    before = {w.path: w.draft for w in works(*drafts)}
    kept = []
    for one, (_, is_stamped) in zip(drafts, written, strict=True):
        work = before[one.file.path]
        assert work is not None
        text = with_state(one.file.text, create=stamped(work)) if is_stamped else one.file.text
        kept.append(replace(one, file=parse_ticket_file(text, one.file.path, RULES)))
    # Whatever was written before them meanwhile.
    found = [w.draft for w in works(draft("subject: a", name="!"), *kept) if w.draft]
    assert len({work.reference for work in found}) == len(found) == len(drafts) + 1
    for work in found:
        assert work.stamp is None or work.reference == work.stamp.reference


def test_the_reference_is_made_of_content_day_and_place_alone() -> None:
    one = draft()
    assert only(one).reference == draft_reference(draft_content(one), TODAY, 1)


def test_a_draft_that_two_sides_edited_differently_waits_for_a_decision() -> None:
    (work,) = works(draft(f"{PRINTER}\nconflicts: {{priority: {{theirs: Low, base: null}}}}"))
    assert work.draft is None
    assert [(held.decision, "`priority`" in held.reason) for held in work.held] == [(True, True)]
