"""Looking before pushing: what is pending, completed with what Syncro says now, into a plan. Nothing is written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from synclog.app.account import account_of, known_account
from synclog.app.files import TicketFiles, read_ticket_files, slips_of
from synclog.app.mirroring import Mirroring, file_rules
from synclog.app.pending import pending_work
from synclog.app.reading import Sight, read_ticket
from synclog.app.runstate import Trouble
from synclog.app.turns import sent_lately
from synclog.core.cleantext import clean_line
from synclog.core.fields import WIRE_NAMES
from synclog.core.merge import Value, joined_tags, same
from synclog.core.names import NameProblem, display_names, match_name, match_text
from synclog.core.plan import Mail, Plan, PlannedChange, PlannedInvoice, PlannedNote, Rate, TicketPlan
from synclog.core.pushsteps import Evidence, Leave, NoteCase, NoteStep, invoice_step, note_step
from synclog.core.references import ticket_of
from synclog.core.work import FieldChange, Held, NoteWork, TicketWork, in_order, posted_before
from synclog.errors import InvalidFile, NotFound, SynclogError, Unauthorised, WrongTechnician
from synclog.model import Comment, Invoice, Me, Person, Reference, Ticket, TicketNumber

if TYPE_CHECKING:
    from synclog.app.session import Session
    from synclog.core.ticketfile import TicketFile

INVOICED = "Invoiced"
"""The status a ticket gets with its invoice, where the account has it."""


@dataclass(slots=True)
class Look:
    """What was read of one ticket: `sight` where its detail was needed, `comments` complete where it has notes."""

    work: TicketWork
    comments: tuple[Comment, ...] = ()
    sight: Sight | None = None
    invoices: tuple[Invoice, ...] = ()
    elsewhere: tuple[Comment, ...] = ()


@dataclass(slots=True)
class Prepared:
    """A plan with all it was made from. `texts` are the files it was made of, to see whether one changed since."""

    plan: Plan
    me: Me | None
    looks: dict[TicketNumber, Look]
    mirroring: Mirroring | None
    invalid: tuple[InvalidFile, ...]
    drafts: tuple[TicketFile, ...]
    texts: dict[str, str]
    looked_at: datetime | None = None
    failed: tuple[Trouble, ...] = ()
    slips: tuple[str, ...] = ()


def prepare(
    session: Session, numbers: Sequence[TicketNumber] = (), *, author: str | None = None, keep: bool = True
) -> Prepared:
    """Make the plan of a push of `numbers` (none: all). `author` pushes another technician's notes (name or e-mail).

    Reads Syncro only where something is pending. Raises UnknownTicket, WrongTechnician, and what the client raises.
    """
    workspace = session.workspace
    today = session.today().date()
    rules = file_rules(workspace.settings, known_account(workspace))
    files = read_ticket_files(workspace, rules)
    asked = tuple(sorted(set(numbers)))
    chosen = files.only(asked)
    invalid = () if numbers else files.invalid
    works = pending_work(workspace, files, chosen, today, author)
    texts = {file.path: file.text for file in chosen}
    slips = slips_of(chosen)
    if not any(work.is_pending for work in works):
        held = tuple(_plan_of_held(work) for work in works if work.held)
        return Prepared(Plan("", asked, held, ()), None, {}, None, invalid, files.drafts, texts, slips=slips)
    me = session.client.me()
    check_technician(session, me)
    mirroring = Mirroring(workspace.settings, account_of(session, keep=keep))
    look = _Looking(session, me, mirroring, files)
    tickets = tuple(look.ticket(work) for work in works if work.is_pending or work.held)
    plan = Plan(me.name, asked, tickets, tuple(look.mails))
    return Prepared(
        plan,
        me,
        look.looks,
        mirroring,
        invalid,
        files.drafts,
        texts,
        looked_at=session.clock.now(),
        failed=tuple(look.failed),
        slips=slips,
    )


def check_technician(session: Session, me: Me) -> None:
    """Raise WrongTechnician when the key belongs to another Syncro user than this machine's technician."""
    tech = session.technician
    if tech is None:
        return
    names = {str(me.user_id), me.name.casefold(), (me.email or "").casefold()}
    if tech.strip().casefold() not in names:
        raise WrongTechnician(
            f"the key belongs to {me.name} (user {me.user_id}), not to {tech} of this machine: nothing was sent",
            remedy="use your own key, or mend `tech:` in your config.yaml",
        )


def _plan_of_held(work: TicketWork) -> TicketPlan:
    return TicketPlan(work.number, work.id, work.path, work.subject, work.customer, held=work.held)


class _Looking:
    """Reads what the plan of each ticket needs: conversations, details, invoices, live rates; each once."""

    def __init__(self, session: Session, me: Me, mirroring: Mirroring, files: TicketFiles) -> None:
        self.session = session
        self.me = me
        self.mirroring = mirroring
        self.files = files
        self.looks: dict[TicketNumber, Look] = {}
        self.mails: list[Mail] = []
        self.rates: dict[int, Rate] = {}
        self.failed: list[Trouble] = []

    def ticket(self, work: TicketWork) -> TicketPlan:
        """Return the plan of one ticket."""
        if not work.is_pending:
            return _plan_of_held(work)
        try:
            return self.looked_at(work)
        except NotFound:
            gone = Held("ticket", "Syncro does not know it (any more)", f"run `synclog pull {work.number}`", 0, True)
            return _plan_of_held(replace(work, held=(*work.held, gone)))
        except SynclogError as error:
            if isinstance(error, Unauthorised):
                raise
            self.failed.append(Trouble(work.number, error))
            unread = Held("ticket", f"it could not be looked at: {error.message}", error.remedy, 0, False)
            return _plan_of_held(replace(work, held=(*work.held, unread)))

    def looked_at(self, work: TicketWork) -> TicketPlan:
        """Return the plan of a ticket with something pending. Raises what the client raises."""
        work = self.with_known_labor(work)
        look = read_look(self.session, work)
        self.looks[work.number] = look
        if look.sight is not None and look.sight.ticket.number != work.number:
            remedy = f"run `synclog pull {work.number}`"
            wrong = Held("ticket", f"its id belongs to ticket {look.sight.ticket.number}", remedy, 0, True)
            return _plan_of_held(replace(work, held=(*work.held, wrong)))
        notes = note_plans(self.session, look, self.me, settled=False, begun_here=())
        planned = tuple(PlannedNote(note, step, self.rate(note)) for note, step in notes)
        changes, held = change_plans(self.session, self.files.tickets[work.number], look, self.mirroring)
        invoice = self.invoice(work, look, planned)
        if invoice and any(isinstance(note.step, Leave) for note in planned):
            held += (Held("invoice", "it waits for the ticket's notes that are not posted", "", 0, False),)
            invoice = None
        self.mails += [
            Mail(work.number, p.work.line, self.recipient(work)) for p in planned if p.is_sent and p.work.to == "email"
        ]
        return TicketPlan(
            number=work.number,
            id=work.id,
            path=work.path,
            subject=work.subject,
            customer=work.customer,
            notes=planned,
            invoice=invoice,
            changes=changes,
            held=(*work.held, *held),
        )

    def with_known_labor(self, work: TicketWork) -> TicketWork:
        """Hold back notes whose labor product the account does not have."""
        unknown: list[Held] = []
        for note in work.notes:
            try:
                self.rate(note)
            except NotFound:
                reason = f"the account has no labor product {note.product_id} ({note.labor})"
                unknown.append(Held("note", reason, "`synclog doctor --labor` lists the right ones", note.line, True))
        lines = {held.line for held in unknown}
        known = tuple(note for note in work.notes if note.line not in lines)
        return in_order(replace(work, notes=known, held=(*work.held, *unknown))) if unknown else work

    def recipient(self, work: TicketWork) -> str:
        contact = self.files.tickets[work.number].fields.get("contact")
        return contact if isinstance(contact, str) and contact else work.customer

    def rate(self, note: NoteWork) -> Rate | None:
        """The live rate of a note's labor; asked for once a run."""
        if note.product_id is None:
            return None
        if note.product_id not in self.rates:
            product = self.session.client.product(note.product_id)
            self.rates[note.product_id] = Rate(product.id, clean_line(product.name), product.price)
        return self.rates[note.product_id]

    def invoice(self, work: TicketWork, look: Look, notes: Sequence[PlannedNote]) -> PlannedInvoice | None:
        if work.invoice is None or look.sight is None:
            return None
        minutes, items = unbilled(look.sight.ticket)
        coming = any(note.is_sent and note.work.bills for note in notes)
        after = work.invoice.after
        step = invoice_step(after, look.invoices, bool(minutes or items or coming), after is not None, False)
        customer = self.session.client.customer(look.sight.ticket.customer_id)
        prepaid = customer.prepay_hours if customer.prepay_hours else None
        sets = INVOICED if INVOICED in self.mirroring.account.statuses else None
        if any(change.field == "status" for change in work.changes) or look.sight.ticket.status == INVOICED:
            sets = None
        return PlannedInvoice(step, after, minutes, items, prepaid, sets)


def read_look(session: Session, work: TicketWork) -> Look:
    """Read what deciding about one ticket needs: its complete conversation for notes, its detail for the rest."""
    look = Look(work)
    if work.notes:
        # Only the conversation itself is evidence that something is not there: a detail may show a part of it.
        look.comments = session.client.conversation(work.id)
    if work.changes or work.invoice:
        look.sight = read_ticket(session.client, work.id, look.comments if work.notes else None)
        look.comments = look.sight.comments
    if work.invoice:
        look.invoices = session.client.invoices(ticket_id=work.id)
    stamps = [note.stamp for note in work.notes if note.stamp]
    stamped_for = {ticket_of(reference) for stamp in stamps for reference in (stamp.reference, *stamp.earlier)}
    for number in sorted(n for n in stamped_for if n is not None and n != work.number):
        other = session.client.find_ticket(number)
        if other is not None:
            look.elsewhere += session.client.conversation(other.id)
    return look


def note_plans(
    session: Session, look: Look, me: Me, *, settled: bool, begun_here: Collection[Reference]
) -> list[tuple[NoteWork, NoteStep]]:
    """Return the next step of each note of a ticket. `begun_here` are references stamped by this run, never sent."""
    notes = look.work.notes
    references = [r for n in notes for r in (n.reference, *((n.stamp.reference, *n.stamp.earlier) if n.stamp else ()))]
    trail = session.workspace.history.trail(references) if references else ()
    recorded = {entry.reference for entry in trail if entry.reference}
    zone = session.workspace.settings.timezone
    plans = []
    for note in notes:
        of_the_day = {c.id for c in look.comments if c.created_at.astimezone(zone).date() == note.day}
        seen = Evidence((*look.comments, *look.elsewhere), me.user_id, recorded, of_the_day, settled)
        earlier = [r for r in posted_before(note, look.work, look.comments, zone) if r not in references]
        plans.append((note, note_step(case_of(session, note, begun_here, earlier), seen)))
    return plans


def case_of(
    session: Session, note: NoteWork, begun_here: Collection[Reference], earlier: Sequence[Reference] = ()
) -> NoteCase:
    """Return a note as the decision table takes it. `earlier` are references by which it may be posted already."""
    stamp = note.stamp
    return NoteCase(
        reference=note.reference,
        body=body_of(session, note),
        stamped=stamp.reference if stamp else None,
        stamped_by=stamp.by if stamp else None,
        earlier=(*(stamp.earlier if stamp else ()), *earlier),
        after=stamp.after if stamp else None,
        in_flight=stamp.reference not in begun_here if stamp else note.reference in sent_lately(session.workspace),
    )


def body_of(session: Session, note: NoteWork) -> str:
    """Return the HTML that a note is posted as, its reference on the last line."""
    from synclog.render.outgoing import comment_body

    zone = session.workspace.settings.timezone
    other_day = note.day.isoformat() if note.day != session.clock.now().astimezone(zone).date() else None
    return comment_body(note.text, reference=note.reference, work_day=other_day, environment=session.templates)


def change_plans(
    session: Session, file: TicketFile, look: Look, mirroring: Mirroring
) -> tuple[tuple[PlannedChange, ...], tuple[Held, ...]]:
    """Return the edits to send with their wire values, and those that can't be: unknown names, changed meanwhile."""
    planned: list[PlannedChange] = []
    held: list[Held] = []
    if look.sight is None:
        return (), ()
    theirs = mirroring.fields_of(look.sight)
    for change in look.work.changes:
        now = theirs[change.field]
        if not same(now, change.base) and not same(now, change.mine) and change.field != "tags":
            reason = f"`{change.field}` was changed in Syncro meanwhile, to {now or 'nothing'}"
            held.append(Held(change.field, reason, f"run `synclog pull {look.work.number}`", change.line, True))
            continue
        if isinstance(change.mine, tuple) or isinstance(now, tuple):
            change = replace(change, mine=joined_tags(change.base, change.mine, now))
        contacts = session.client.contacts(look.sight.ticket.customer_id) if change.field == "contact" else ()
        value = wire_value(change, contacts, mirroring)
        if isinstance(value, Held):
            held.append(value)
            continue
        made = PlannedChange(change, WIRE_NAMES.get(change.field, change.field), value, done=False)
        planned.append(replace(made, done=made.is_in(look.sight.ticket, now)))
    return tuple(planned), tuple(held)


def wire_value(
    change: FieldChange, contacts: Sequence[Person], mirroring: Mirroring
) -> str | int | tuple[str, ...] | None | Held:
    """Return what Syncro is sent for an edit, or why it can't be: a name it does not have, or not just one."""
    mine: Value = change.mine
    if isinstance(mine, tuple) or mine is None:
        return mine
    if change.field in ("assigned_to", "contact"):
        people = mirroring.account.technicians if change.field == "assigned_to" else contacts
        person = match_name(mine, people)
        if isinstance(person, NameProblem):
            known = person.instead(display_names(people).values())
            return Held(change.field, clean_line(str(person)), clean_line(known), change.line, True)
        return person.id
    if change.field == "status":
        status = match_text(mine, mirroring.account.statuses)
        if isinstance(status, NameProblem):
            known = status.instead(mirroring.account.statuses)
            return Held(change.field, clean_line(str(status)), clean_line(known), change.line, True)
        return status
    return mine


def unbilled(ticket: Ticket) -> tuple[int, int]:
    """Return what is on no invoice yet: minutes of timers not charged, and the number of open line items."""
    minutes = sum(t.billable_minutes for t in ticket.timers if not t.charged)
    return minutes, sum(1 for item in ticket.line_items if not item.invoiced)
