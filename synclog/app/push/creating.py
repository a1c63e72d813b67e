"""Creating one ticket of a draft: stamp, create with its first comment, read back, make its file that of the ticket."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from synclog.app.push.cases import Facts
from synclog.app.push.changes import WireValue, wire_name, wire_value
from synclog.app.push.stamps import draft_stamp, unsent_stamp
from synclog.app.push.state import Done, attempt
from synclog.app.push.surroundings import FileEdit, FileState
from synclog.app.reading import Sight, read_ticket
from synclog.core.deciding.notes import bare_words
from synclog.core.deciding.steps import Doubt, Leave, RecordTicket, Restamp, TicketStep, Wait
from synclog.core.deciding.tickets import DraftCase, TicketsSeen, draft_step
from synclog.core.drafts import DAYS_BACK, draft_works, other_days
from synclog.core.notes import Note
from synclog.core.plan import PlannedDraft, TicketPlan
from synclog.core.references import closing_reference
from synclog.core.trail import TrailEntry, message_with, stamp_message
from synclog.core.work import DraftWork, FieldChange, Held, TicketWork
from synclog.errors import DecisionNeeded, NotFound, SynclogError
from synclog.model import AccountSettings, CommentDraft, Me, Person, Ticket, TicketDraft

if TYPE_CHECKING:
    from synclog.app.push.state import RunState
    from synclog.app.push.surroundings import Surroundings
    from synclog.core.ticketfile import TicketFile

FIRST_SUBJECT = "Initial Issue"
_BACK = timedelta(days=2)
"""How far before the day of its stamp a draft's ticket is looked for: days are local, and clocks differ."""


def look_for_draft(around: Surroundings, work: DraftWork) -> tuple[Ticket, ...]:
    """Return the tickets that may be this draft's, with their first comments: the customer's of some days, and where it
    was stamped already everybody's since then, since a ticket may have been moved."""
    client = around.client
    day = datetime.combine(work.day, time(), around.settings.timezone).astimezone(UTC)
    found = {t.id: t for t in client.tickets_since(day - timedelta(days=DAYS_BACK), customer_id=work.customer_id)}
    if work.stamp is not None:
        found |= {ticket.id: ticket for ticket in client.tickets_since(day - _BACK)}
    named = work.stamp.comment if work.stamp else None
    if named is not None and named not in found:
        with suppress(NotFound):
            found[named] = client.ticket(named)
    return tuple(found[i] for i in sorted(found))


def plan_draft(
    around: Surroundings,
    work: TicketWork,
    seen: Sequence[Ticket],
    me: Me,
    account: AccountSettings,
    facts: Facts,
) -> tuple[PlannedDraft | None, tuple[Held, ...]]:
    """Return the plan of a draft, None where something of it can't be sent; that is in the second part."""
    draft = work.draft
    assert draft is not None
    values, held = _values(around, draft, me, account)
    if held:
        return None, held
    step = draft_step(
        draft_case(around, work.path, draft, facts), TicketsSeen(tuple(seen), facts.owner, facts.ledger.recorded)
    )
    names = {person.id: person.name for person in account.technicians}
    assigned = next((value for name, value in values if name == "user_id"), None)
    tech = names.get(assigned, me.name) if isinstance(assigned, int) else me.name
    return PlannedDraft(draft, step, values, tech), ()


def push_draft(state: RunState, ticket: TicketPlan, *, settled: bool) -> TicketPlan | None:
    """Bring a draft to its end. Returns the ticket's plan under its number and path, None when it has to be looked for
    again after a `settle`. Raises what stops it."""
    made = next((done for done in state.done if done.op == "create" and done.what == ticket.path), None)
    if made is not None:
        return _under_its_number(state, ticket, made.number)
    return _Creating(state, ticket, settled).run()


def _under_its_number(state: RunState, ticket: TicketPlan, number: int) -> TicketPlan:
    file = state.around.desk.files().one(number)
    return replace(ticket, number=number, id=file.id or 0, path=file.path, draft=None)


class _Creating:
    """One draft under way."""

    def __init__(self, state: RunState, ticket: TicketPlan, settled: bool) -> None:
        assert ticket.draft is not None
        self.state = state
        self.ticket = ticket
        self.planned = ticket.draft
        self.settled = settled
        self.last_ticket = 0
        self.work = self.current()

    def current(self) -> DraftWork:
        """The draft as its file has it now: it must be the one that was shown."""
        around = self.state.around
        files = around.desk.files(self.state.mirroring.account)
        works = draft_works(around.desk.drafts(files), around.settings, around.today().date())
        found = next((w.draft for w in works if w.path == self.ticket.path), None)
        if found is None or replace(found, stamp=None, day=self.planned.work.day, reference="", place=0) != replace(
            self.planned.work, stamp=None, reference="", place=0
        ):
            raise DecisionNeeded(
                f"{self.ticket.name}: the new ticket was changed or removed while it was being pushed; it was not sent",
                remedy="run `synclog push` again",
            )
        return found

    def run(self) -> TicketPlan | None:
        step = self.look()
        if isinstance(step, Wait):
            return None
        if isinstance(step, Leave):
            raise DecisionNeeded(f"{self.ticket.name}: {step.reason}")
        if isinstance(step, Doubt):
            raise self.doubtful(step)
        if isinstance(step, RecordTicket):
            return self.record(step.ticket, was_there=True)
        stamp = self.work.stamp
        if isinstance(step, Restamp) or stamp is None or stamp.again:
            self.stamp()
        return self.create()

    def look(self) -> TicketStep:
        """Look for it anew: somebody may have created it since the plan was made."""
        state, around = self.state, self.state.around
        seen = look_for_draft(around, self.work)
        self.last_ticket = max((ticket.id for ticket in seen), default=0)
        facts = Facts(state.me.user_id, state.ledger, state.stamped, state.lost, sent=around.desk.sent_lately())
        evidence = TicketsSeen(seen, state.me.user_id, state.ledger.recorded, self.settled)
        return draft_step(draft_case(around, self.ticket.path, self.work, facts), evidence)

    def stamp(self) -> None:
        stamp = draft_stamp(self.work, self.last_ticket, self.state.me.user_id)
        edit = FileEdit(state=FileState(create=stamp))
        message = stamp_message(f"stamp: {self.ticket.name}", [stamp.reference])
        self.state.around.desk.rewrite(self.ticket.path, self.state.mirroring, lambda _: edit, message)
        self.work = replace(self.work, stamp=stamp)
        self.state.stamped.add(stamp.reference)

    def create(self) -> TicketPlan | None:
        state, work = self.state, self.work
        desk, client = state.around.desk, state.around.client
        draft = ticket_draft(self.planned, _body(state.around, work))
        state.unsent.discard(work.reference)
        desk.note_sent(work.reference)
        try:
            made = attempt(
                state,
                0,
                work.reference,
                f"the ticket of {self.ticket.name} was created ({work.reference})",
                lambda: client.create_ticket(draft),
                settled=self.settled,
            )
        except SynclogError:
            if work.reference not in state.lost:
                desk.note_sent(work.reference, refused=True)
                message = stamp_message(f"stamp: {self.ticket.name}, taken back", [work.reference], taken_back=True)
                desk.rewrite(self.ticket.path, state.mirroring, _without_stamp, message)
            raise
        return None if made is None else self.record(made, was_there=False)

    def record(self, ticket: Ticket, *, was_there: bool) -> TicketPlan:
        """Read the ticket back, and make the draft's file its own."""
        state, work = self.state, self.work
        sight = read_ticket(state.around.client, ticket.id)
        first = _first_comment(sight, work.reference, state.me.user_id)
        entry = TrailEntry(op="create", reference=work.reference, ticket=sight.ticket.number, comment=first)
        message = message_with(f"push: #{sight.ticket.number} created: {work.subject}", [entry])
        path = state.around.desk.adopt(self.ticket.path, state.mirroring, sight, message)
        state.recorded(entry)
        state.made.append(path)
        state.done.append(
            Done(
                op="create",
                number=sight.ticket.number,
                what=self.ticket.path,
                reference=work.reference,
                comment=first,
                was_there=was_there,
            )
        )
        named = work.stamp is not None and work.stamp.comment is not None
        if first is None and not named and not self.is_shown(sight):
            self.keep_description(path)
        return replace(self.ticket, number=sight.ticket.number, id=sight.ticket.id, path=path, draft=None)

    def is_shown(self, sight: Sight) -> bool:
        """Whether what the draft says stands in the ticket, though not with its reference at the end."""
        words = bare_words(_body(self.state.around, self.work))
        own = (c for c in sight.comments if c.user_id == self.state.me.user_id)
        return any(words in bare_words(comment.body) for comment in own)

    def keep_description(self, path: str) -> None:
        """The ticket is there, and its first comment is not: its text becomes a note, to be posted. Raises
        DecisionNeeded, which says so."""
        note = Note(self.work.description, subject=FIRST_SUBJECT, to=self.work.to)
        edit = FileEdit(added=(note,))
        message = f"push: {path.rsplit('/', 1)[-1]}: its first comment is not in Syncro"
        self.state.around.desk.rewrite(path, self.state.mirroring, lambda _: edit, message)
        raise DecisionNeeded(
            f"the ticket of {self.ticket.name} was created, and its first comment is not there: its text is a note now",
            remedy="look at the ticket in the web interface, then run `synclog push`, which posts the note",
        )

    def doubtful(self, step: Doubt) -> DecisionNeeded:
        return DecisionNeeded(
            f"{self.ticket.name}: the new ticket is doubtful and was not sent: {step.reason}",
            remedy=f"compare them, then say which it is: `synclog resolve --note {self.work.reference} …`",
        )


def ticket_draft(planned: PlannedDraft, body: str) -> TicketDraft:
    """Return what Syncro is sent of a draft; the reference is in `body`, its first comment."""
    values = dict(planned.values)
    work = planned.work
    tags = values.get("tag_list")

    def text(name: str) -> str | None:
        value = values.get(name)
        return value if isinstance(value, str) else None

    def number(name: str) -> int | None:
        value = values.get(name)
        return value if isinstance(value, int) else None

    return TicketDraft(
        customer_id=work.customer_id,
        subject=work.subject,
        description=CommentDraft(FIRST_SUBJECT, body, work.to),
        user_id=number("user_id"),
        contact_id=number("contact_id"),
        status=text("status"),
        priority=text("priority"),
        problem_type=text("problem_type"),
        due_date=text("due_date"),
        tags=tags if isinstance(tags, tuple) else (),
    )


def draft_case(around: Surroundings, path: str, work: DraftWork, facts: Facts) -> DraftCase:
    """Return a draft, whose file is at `path`, as the decision table takes it."""
    stamp = work.stamp
    days = other_days(work, around.today().date())
    before = around.desk.created_from(path) if not days.isdisjoint(facts.ledger.recorded) else ()
    if stamp is None:
        begun = work.reference in facts.sent or work.reference in facts.ledger.begun
    else:
        begun = not stamp.again and stamp.reference not in facts.stamped
    return DraftCase(
        reference=work.reference,
        customer_id=work.customer_id,
        subject=work.subject,
        body=_body(around, work),
        stamped=stamp.reference if stamp else None,
        stamped_by=stamp.by if stamp else None,
        earlier=stamp.earlier if stamp else (),
        after=stamp.after if stamp else 0,
        in_flight=(begun and work.reference not in facts.stamped) or work.reference in facts.lost,
        ticket=stamp.comment if stamp else None,
        passed=stamp.passed if stamp else (),
        other_days=days,
        before=before,
    )


def _without_stamp(file: TicketFile) -> FileEdit:
    """The draft's file as it was before it was stamped: what a person has said of it stays."""
    return FileEdit(state=FileState(create=unsent_stamp(file.create)))


def _body(around: Surroundings, work: DraftWork) -> str:
    return around.desk.body(work.description, work.reference, None)


def _values(
    around: Surroundings, draft: DraftWork, me: Me, account: AccountSettings
) -> tuple[tuple[tuple[str, WireValue], ...], tuple[Held, ...]]:
    """The draft's fields by their wire names; without a technician of its own it is the key owner's."""
    values: list[tuple[str, WireValue]] = []
    held: list[Held] = []
    contacts: Sequence[Person] = ()
    if any(name == "contact" for name, _ in draft.fields):
        contacts = around.client.contacts(draft.customer_id)
    for name, mine in draft.fields:
        value = wire_value(FieldChange(name, None, mine, 0), contacts, account)
        if isinstance(value, Held):
            held.append(value)
        else:
            values.append((wire_name(name), value))
    if not any(name == "user_id" for name, _ in values):
        values.append(("user_id", me.user_id))
    return tuple(values), tuple(held)


def _first_comment(sight: Sight, reference: str, owner: int) -> int | None:
    """The comment that opened the ticket, where it shows its reference."""
    own = (c for c in sight.comments if c.user_id == owner and closing_reference(c.body) == reference)
    return min((comment.id for comment in own), default=None)
