"""Looking before pushing: what is pending, completed with what Syncro says now, into a plan. Nothing is written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from synclog.app.mirroring import Mirroring
from synclog.app.pending import pending_work
from synclog.app.push.cases import Facts, decide, references_of
from synclog.app.push.changes import change_plans
from synclog.app.push.creating import look_for_draft, plan_draft
from synclog.app.push.invoices import plan_invoice
from synclog.app.push.looking import Look, read_look
from synclog.app.push.oneoffs.seeing import plan_one_off, see_one_off
from synclog.app.push.state import Trouble
from synclog.core.cleantext import clean_line
from synclog.core.deciding.oneoffs import Act
from synclog.core.deciding.steps import Doubt, Leave, Restamp, Send, Wait
from synclog.core.invoicing import without_invoice
from synclog.core.oneoffs import OneOff, TicketRemoval
from synclog.core.plan import Mail, Plan, PlannedChange, PlannedNote, PlannedOneOff, Rate, TicketPlan
from synclog.core.references import ticket_of
from synclog.core.trail import Ledger
from synclog.core.work import Held, NoteWork, TicketWork, in_order
from synclog.errors import InvalidFile, NotFound, SynclogError, Unauthorised, WrongTechnician
from synclog.model import Me, TicketNumber

if TYPE_CHECKING:
    from synclog.app.files import TicketFiles
    from synclog.app.push.surroundings import Surroundings
    from synclog.core.ticketfile import TicketFile


_TRIES = 10


@dataclass(slots=True)
class Prepared:
    """A plan with all it was made from. `files` are those it was made of by path, to see whether one changed since;
    `looks` what was read, by path. `slips` are lines about what looks like one; `drafts` what was asked for by path."""

    plan: Plan
    me: Me | None
    looks: dict[str, Look]
    mirroring: Mirroring | None
    invalid: tuple[InvalidFile, ...]
    files: dict[str, TicketFile]
    ledger: Ledger
    looked_at: datetime | None = None
    failed: tuple[Trouble, ...] = ()
    slips: tuple[str, ...] = ()
    drafts: tuple[str, ...] = ()


def prepare(
    around: Surroundings,
    numbers: Sequence[TicketNumber] = (),
    *,
    drafts: Sequence[str] = (),
    author: str | None = None,
    keep: bool = True,
) -> Prepared:
    """Make the plan of a push of `numbers` and of the `drafts` at these paths (neither: all). `author` pushes another
    technician's notes (name or e-mail).

    Reads Syncro only where something is pending. Raises UnknownTicket, WrongTechnician, and what the client raises.
    """
    from synclog.app.files import slips_of

    here = _read_here(around, tuple(sorted(set(numbers))), frozenset(drafts), author, keep)
    slips = slips_of(file for file in here.known.values() if not file.is_draft)
    if not any(work.is_pending for work in here.works):
        held = tuple(_plan_of_held(work) for work in here.works if work.held)
        plan = Plan("", here.asked, held, ())
        nothing = Ledger()
        return Prepared(plan, None, {}, None, here.invalid, here.known, nothing, slips=slips, drafts=tuple(drafts))
    me = around.client.me()
    check_technician(around.technician, me)
    mirroring = Mirroring(around.settings, around.desk.account(keep=keep))
    look = _Looking(around, me, mirroring, here.files, here.ledger)
    at = around.clock.now()
    tickets = tuple(look.ticket(work) for work in here.works if work.is_pending or work.held)
    return Prepared(
        Plan(me.name, here.asked, tickets, tuple(look.mails)),
        me,
        look.looks,
        mirroring,
        here.invalid,
        here.known,
        here.ledger,
        looked_at=at,
        failed=tuple(look.failed),
        slips=slips,
        drafts=tuple(drafts),
    )


@dataclass(frozen=True, slots=True)
class _Here:
    """What files and history say of what was asked for, both of one moment."""

    asked: tuple[TicketNumber, ...]
    files: TicketFiles
    known: dict[str, TicketFile]
    invalid: tuple[InvalidFile, ...]
    works: list[TicketWork]
    ledger: Ledger


def _read_here(
    around: Surroundings,
    asked: tuple[TicketNumber, ...],
    asked_drafts: Collection[str],
    author: str | None,
    keep: bool,
) -> _Here:
    """Read files, then history; again where another push recorded something in between: a note that still stands in
    files of before, and that a history of after has, would be taken for a copy."""
    desk = around.desk
    today = around.today().date()
    everything = not asked and not asked_drafts
    for _ in range(_TRIES):
        files = desk.files()
        if files.drafts and (everything or asked_drafts):
            # What a draft says is known by the account's own words, whatever was kept of them.
            files = desk.files(desk.account(keep=keep))
        chosen = files.only(asked) if asked or everything else []
        drafts = files.drafts if everything or asked_drafts else ()
        # All of them, whichever is asked for: which one of equal drafts a draft is depends on the others.
        drafted = desk.drafts(files) if drafts else ()
        works = pending_work(
            desk.settings,
            files,
            chosen,
            today,
            desk.not_mine,
            drafts=drafted,
            author=author,
            no_invoice=desk.no_invoice,
        )
        works = [work for work in works if everything or work.number or work.path in asked_drafts]
        known = {
            file.path: file for file in (*chosen, *drafts) if everything or file.number or file.path in asked_drafts
        }
        pending = [work for work in works if work.is_pending]
        ledger = desk.ledger(tickets_of(works), drafts=any(work.draft for work in works)) if pending else Ledger()
        if all(desk.unchanged(work.path, known[work.path].text) for work in pending):
            break
    return _Here(asked, files, known, files.invalid if everything else (), works, ledger)


def tickets_of(works: Sequence[TicketWork]) -> set[TicketNumber]:
    """Return the tickets that works are of, and those that their notes were ever stamped for."""
    stamped = (ticket_of(r) for work in works for note in work.notes for r in references_of(note))
    return {number for number in (*(work.number for work in works), *stamped) if number}


def check_technician(technician: str | None, me: Me) -> None:
    """Raise WrongTechnician when the key belongs to another Syncro user than this machine's technician."""
    if technician is None:
        return
    names = {str(me.user_id), me.name.casefold(), (me.email or "").casefold()}
    if technician.strip().casefold() not in names:
        raise WrongTechnician(
            f"the key belongs to {me.name} (user {me.user_id}), not to {technician} of this machine: nothing was sent",
            remedy="use your own key, or mend `tech:` in your config.yaml",
        )


def _plan_of_held(work: TicketWork) -> TicketPlan:
    return TicketPlan(work.number, work.id, work.path, work.subject, work.customer, held=work.held)


class _Looking:
    """Reads what the plan of each ticket needs: conversations, details, invoices, live rates; each once."""

    def __init__(self, around: Surroundings, me: Me, mirroring: Mirroring, files: TicketFiles, ledger: Ledger) -> None:
        self.around = around
        self.me = me
        self.mirroring = mirroring
        self.files = files
        self.facts = Facts(me.user_id, ledger, sent=around.desk.sent_lately())
        self.looks: dict[str, Look] = {}
        self.mails: list[Mail] = []
        self.rates: dict[int, Rate] = {}
        self.failed: list[Trouble] = []

    def ticket(self, work: TicketWork) -> TicketPlan:
        """Return the plan of one ticket."""
        if not work.is_pending:
            return _plan_of_held(work)
        try:
            return self.draft(work) if work.draft else self.looked_at(work)
        except NotFound:
            remedy = f"run `synclog pull {work.number}`" if work.number else "say what it is: `synclog resolve`"
            gone = Held("ticket", "Syncro does not know it (any more)", remedy, 0, True)
            return _plan_of_held(replace(work, held=(*work.held, gone)))
        except SynclogError as error:
            if isinstance(error, Unauthorised):
                raise
            self.failed.append(Trouble(work.number, error, work.path))
            unread = Held("ticket", f"it could not be looked at: {error.message}", error.remedy, 0, False)
            return _plan_of_held(replace(work, held=(*work.held, unread)))

    def looked_at(self, work: TicketWork) -> TicketPlan:
        """Return the plan of a ticket with something pending. Raises what the client raises."""
        removal = next((one for one in work.doing if isinstance(one, TicketRemoval)), None)
        written = bool(work.notes or work.invoice or work.changes)
        if removal is not None and written and not work.blocked:
            kept = held_for_removal(work, removal)
            step = self.one_off(work, removal).step
            if isinstance(step, Act | Wait):
                # What was written since is not to go with the ticket: a person says which is meant.
                return _plan_of_held(kept)
        if work.blocked or removal is not None:
            # There is no more to do on a ticket that is to go, or has gone.
            work = replace(work, notes=(), invoice=None, changes=())
        work = self.with_known_labor(work)
        look = read_look(self.around, work)
        self.looks[work.path] = look
        doing = in_turn([self.one_off(work, one) for one in work.doing])
        if any(one.decides for one in doing):
            return self.planned(held_for_one_offs(work), look, (), doing=doing)
        if look.sight is not None and look.sight.ticket.number != work.number:
            remedy = f"run `synclog pull {work.number}`"
            wrong = Held("ticket", f"its id belongs to ticket {look.sight.ticket.number}", remedy, 0, True)
            return _plan_of_held(replace(work, held=(*work.held, wrong)))
        notes = tuple(
            PlannedNote(note, decide(self.around, look, note, self.facts), self.rate(note)) for note in work.notes
        )
        changes, held = change_plans(self.around.client, look, self.mirroring)
        copies = copies_of_doubtful(notes)
        held += tuple(
            Held("note", "it says the same as a note that is doubtful", "", n.work.line, False) for n in copies
        )
        notes = tuple(note for note in notes if note not in copies)
        return self.planned(work, look, notes, changes=changes, held=held, doing=doing)

    def one_off(self, work: TicketWork, one: OneOff) -> PlannedOneOff:
        """Return the plan of a one-off."""
        seen = see_one_off(self.around, work, one, self.facts)
        return plan_one_off(one, seen, self.mirroring, self.rate_of)

    def draft(self, work: TicketWork) -> TicketPlan:
        """Return the plan of a ticket that is to be created."""
        work = self.with_known_labor(work)
        assert work.draft is not None
        seen = look_for_draft(self.around, work.draft)
        draft, held = plan_draft(self.around, work, seen, self.me, self.mirroring.account, self.facts)
        look = Look(work, self.around.clock.now(), last_ticket=max((t.id for t in seen), default=0))
        self.looks[work.path] = look
        if draft is None:
            return _plan_of_held(replace(work, held=(*work.held, *held)))
        if work.draft.to == "email" and isinstance(draft.step, Send | Restamp | Wait):
            self.mails.append(Mail(0, 0, work.customer))
        notes: tuple[PlannedNote, ...] = tuple(PlannedNote(note, Send(), self.rate(note)) for note in work.notes)
        return replace(self.planned(work, look, notes, held=held), draft=draft)

    def planned(
        self,
        work: TicketWork,
        look: Look,
        notes: tuple[PlannedNote, ...],
        changes: tuple[PlannedChange, ...] = (),
        held: tuple[Held, ...] = (),
        doing: tuple[PlannedOneOff, ...] = (),
    ) -> TicketPlan:
        """Return a ticket's plan; what may not overtake a note that needs a decision is held back."""
        stuck = min((note.work.index for note in notes if note.decides), default=None)
        if stuck is not None:
            late = [n for n in notes if n.work.index > stuck and not n.decides and not isinstance(n.step, Leave)]
            held += tuple(Held("note", "it waits for the note before it", "", n.work.line, False) for n in late)
            held += tuple(
                Held(c.change.field, "it waits for the ticket's notes", "", c.change.line, False) for c in changes
            )
            notes, changes = tuple(n for n in notes if n not in late), ()
        why = None
        if work.invoice and look.sight:
            # Syncro may have moved the ticket to another customer since.
            why = self.around.desk.no_invoice(work.path, look.sight.ticket.customer_id)
        if why is not None:
            kept = without_invoice(replace(work, held=(), changes=tuple(c.change for c in changes)), why)
            work, held, changes = replace(work, invoice=None), held + kept.held, ()
        client, account = self.around.client, self.mirroring.account
        invoice = plan_invoice(client, work, look, notes, account, self.facts, self.known_rate)
        if invoice and any(isinstance(note.step, Leave) or note.decides for note in notes):
            held += (Held("invoice", "it waits for the ticket's notes that are not posted", "", 0, False),)
            invoice = None
        if invoice and isinstance(invoice.step, Doubt):
            held += tuple(
                Held(c.change.field, "it waits for the ticket's invoice", "", c.change.line, False) for c in changes
            )
            changes = ()
        self.mails += [
            Mail(work.number, p.work.line, self.recipient(work)) for p in notes if p.is_posted and p.work.to == "email"
        ]
        return TicketPlan(
            number=work.number,
            id=work.id,
            path=work.path,
            subject=work.subject,
            customer=work.customer,
            notes=notes,
            invoice=invoice,
            changes=changes,
            held=(*work.held, *held),
            doing=doing,
        )

    def with_known_labor(self, work: TicketWork) -> TicketWork:
        """Hold back notes whose labor product the account does not have."""
        unknown: list[Held] = []
        without: set[int] = set()
        for note in work.notes:
            try:
                self.rate(note)
            except NotFound:
                reason = f"the account has no labor product {note.product_id} ({note.labor})"
                without.add(note.index)
                unknown.append(Held("note", reason, "`synclog doctor --labor` lists the right ones", note.line, True))
        known = tuple(note for note in work.notes if note.index not in without)
        return in_order(replace(work, notes=known, held=(*work.held, *unknown))) if unknown else work

    def recipient(self, work: TicketWork) -> str:
        file = self.files.tickets.get(work.number)
        contact = file.fields.get("contact") if file else None
        return contact if isinstance(contact, str) and contact else work.customer

    def rate(self, note: NoteWork) -> Rate | None:
        """The live rate of a note's labor; asked for once a run."""
        return None if note.product_id is None else self.rate_of(note.product_id)

    def known_rate(self, product_id: int) -> Rate | None:
        """The live rate of a labor product, None of one that the account does not have."""
        try:
            return self.rate_of(product_id)
        except NotFound:
            return None

    def rate_of(self, product_id: int) -> Rate:
        """The live rate of a labor product; asked for once a run."""
        if product_id not in self.rates:
            self.rates[product_id] = live_rate(self.around, product_id)
        return self.rates[product_id]


def live_rate(around: Surroundings, product_id: int) -> Rate:
    """Return what a labor product costs now. Raises NotFound."""
    product = around.client.product(product_id)
    return Rate(product.id, clean_line(product.name), product.price, product.taxable)


def in_turn(doing: Sequence[PlannedOneOff]) -> tuple[PlannedOneOff, ...]:
    """Hold back the one-offs of a ticket that come after one that needs a decision."""
    stuck = next((place for place, one in enumerate(doing) if one.decides), len(doing))
    waits = Leave("it waits for what was begun before it on its ticket")
    return (*doing[: stuck + 1], *(one if one.decides else replace(one, step=waits) for one in doing[stuck + 1 :]))


def copies_of_doubtful(notes: Sequence[PlannedNote]) -> tuple[PlannedNote, ...]:
    """Return the notes without a stamp that say just what a doubtful one of the ticket says: of another day, they may
    be that very note out of an old buffer, posted already where an account cuts its reference off."""
    doubtful = [note.work.content for note in notes if isinstance(note.step, Doubt)]
    return tuple(n for n in notes if n.work.stamp is None and not n.decides and n.work.content in doubtful)


def held_for_removal(work: TicketWork, removal: TicketRemoval) -> TicketWork:
    """Hold back what stands in the file of a ticket whose deletion was begun: a decision."""
    reason = "the deletion of its ticket was begun, and is not done while this waits"
    remedy = (
        f"`synclog resolve {work.number} --doing {removal.id} --drop` keeps the ticket, "
        f"`synclog delete {work.number} --with-work` deletes it"
    )
    held = [Held("note", reason, remedy, note.line, True) for note in work.notes]
    held += [Held("invoice", reason, remedy, 0, True)] if work.invoice else []
    held += [Held(change.field, reason, remedy, change.line, True) for change in work.changes]
    return replace(work, notes=(), invoice=None, changes=(), doing=(), held=(*work.held, *held))


def held_for_one_offs(work: TicketWork) -> TicketWork:
    """Hold back what may not overtake a one-off that needs a decision: the rest of its ticket."""
    reason = "it waits for what was begun on its ticket"
    held = [Held("note", reason, "", note.line, False) for note in work.notes]
    held += [Held("invoice", reason, "", 0, False)] if work.invoice else []
    held += [Held(change.field, reason, "", change.line, False) for change in work.changes]
    return replace(work, notes=(), invoice=None, changes=(), held=(*work.held, *held))
