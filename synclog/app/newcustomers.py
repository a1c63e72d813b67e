"""Making a customer, exactly once: look -> intent on a card -> send -> read back -> the card is an ordinary one.

What to do next is decided by core/newcustomers.py. The lock is held from the last look to the end of the request; who
finds an intent of another run waits a whole `settle`, without the lock, before anything is sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synclog.app import turns
from synclog.app.edits import commit_edits
from synclog.app.files import ticket_heads
from synclog.app.folders import CLIENTS, Folders
from synclog.app.push.planning import check_technician
from synclog.app.writing import Change, finish_interrupted, write_and_commit
from synclog.core.cleantext import clean_line
from synclog.core.names import same_name
from synclog.core.newcustomers import (
    Intent,
    NewCustomer,
    Step,
    customer_step,
    intent_of,
    made_card,
    of_that_name,
    record_message,
    with_intent,
    without_intent,
)
from synclog.core.slugs import customer_slug, slug
from synclog.errors import Busy, DecisionNeeded, OutcomeUnknown, SynclogError
from synclog.model import Customer, Me

if TYPE_CHECKING:
    from synclog.app.session import Session


@dataclass(frozen=True, slots=True)
class Plan:
    """What making a customer would send. `there` are customers of that name, who stay; `begun` says since when it is
    not known whether it was sent before, "" where it was not. `technician` is whose key it is."""

    sends: Mapping[str, str]
    technician: str
    there: tuple[Customer, ...]
    begun: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """What became of it: the customer, and the path of the card; None where the plan was declined, or where those who
    `exist` are called exactly so already. `was_there` says that nothing was sent now: an earlier run had made it."""

    customer: Customer | None
    path: str = ""
    was_there: bool = False
    exist: tuple[Customer, ...] = ()


def create_customer(
    session: Session, new: NewCustomer, *, confirm: Callable[[Plan], bool], another: bool = False
) -> Made:
    """Make a customer after `confirm` said yes to the plan, and the card of them here; what an earlier run began is
    looked for, and recorded without asking. Where a customer is called exactly so nothing is sent, unless it is to be
    `another`.

    Raises DecisionNeeded for what is doubtful, WrongTechnician, OutcomeUnknown where the answer was lost and nobody of
    that name is there a `settle` later, Busy, RepositoryState, and what the client raises when Syncro surely took
    nothing.
    """
    session.workspace.history.check_ready()
    me = session.client.me()
    check_technician(session.technician, me)
    return _Creating(session, new, me, another).run(confirm)


class _Creating:
    """One customer under way. `sent` says that this run has sent it, and lost the answer."""

    def __init__(self, session: Session, new: NewCustomer, me: Me, another: bool) -> None:
        self.session, self.new, self.me, self.another = session, new, me, another
        self.workspace, self.client = session.workspace, session.client
        self.sent = False

    def run(self, confirm: Callable[[Plan], bool]) -> Made:
        with self.workspace.lock("customers create"):
            finish_interrupted(self.workspace)
            intent = self.intent()
        step, about = self.look(intent, settled=False)
        if step == "exists":
            return Made(None, exist=about)
        if step in ("send", "wait"):
            plan = Plan(self.new.sends, self.me.name, about, (intent.at or "an earlier run") if intent else "")
            if not confirm(plan):
                return Made(None)
        with self.workspace.lock("customers create"):
            self.workspace.history.check_ready()
            self.workspace.history.check_signing()
            made = self.next(settled=False)
            # Who sends takes a turn; who finds it changed after a wait was not alone.
            turn = turns.take_turn(self.workspace) if made is None else ""
        if made is not None:
            return made
        self.wait()
        with self.workspace.lock("customers create"):
            self.workspace.history.check_ready()
            made = self.next(settled=turns.current_turn(self.workspace) == turn)
        if made is None:
            raise Busy(
                "another synclog was at work meanwhile; it is not known yet whether the customer was made",
                remedy="run it again: it looks in Syncro before it sends anything",
            )
        return made

    def next(self, *, settled: bool) -> Made | None:
        """Look anew, and do what is next; None where it has to be looked again after a `settle`. The lock is held."""
        finish_interrupted(self.workspace)
        intent = self.intent()
        step, about = self.look(intent, settled=settled)
        if step == "wait":
            return None
        if step == "exists":
            return Made(None, exist=about)
        if step == "doubtful":
            raise _doubtful(about)
        if step == "record":
            assert intent is not None
            return self.record(intent, about[0].id, was_there=not self.sent)
        if self.sent:
            raise OutcomeUnknown(
                f"the answer was lost, and no customer {self.new.business_name} is there: none seems to be made",
                remedy="look in the web interface; the same command once more looks again, and then sends it again",
            )
        return self.send(intent, about)

    def intent(self) -> Intent | None:
        """The intent of an earlier run, or of this one, for a customer of that name."""
        workspace = self.workspace
        found = (intent_of(workspace.read_bytes(p).decode("utf-8", "replace"), p) for p in workspace.card_paths())
        return next((i for i in found if i is not None and same_name(i.name, self.new.business_name)), None)

    def look(self, intent: Intent | None, *, settled: bool) -> tuple[Step, tuple[Customer, ...]]:
        return customer_step(intent, self.there(), settled=settled, another=self.another)

    def there(self) -> tuple[Customer, ...]:
        """The customers of exactly that name: of all that Syncro finds by the name, and by its longest word, since a
        name may be spaced otherwise there."""
        name = self.new.business_name
        found = [self.client.search_customers(query, surely=True) for query in {name, max(name.split(), key=len)}]
        return of_that_name(name, (customer for some in found for customer in some))

    def send(self, intent: Intent | None, there: tuple[Customer, ...]) -> Made | None:
        """Write down what is sent, send it, and record it; None where the answer was lost."""
        known = intent.known if intent else tuple(customer.id for customer in there)
        written = self.write_intent(intent, known)
        turns.take_turn(self.workspace)
        try:
            made = self.client.create_customer(**self.new.sends)
        except OutcomeUnknown:
            if intent is not None:
                raise
            self.sent = True
            return None
        except SynclogError:
            self.take_back(written)
            raise
        return self.record(written, made.id, was_there=False)

    def write_intent(self, intent: Intent | None, known: tuple[int, ...]) -> Intent:
        path = intent.path if intent else self.free_card()
        commit_edits(self.workspace, [path], self.session.tell)
        old = self.workspace.read_text_or_none(path)
        text = with_intent(old, self.new, known=known, by=self.me.user_id, at=self.session.today())
        self.commit({path: text}, {path: old}, f"stamp: customer {self.new.business_name}")
        written = intent_of(text, path)
        assert written is not None
        return written

    def take_back(self, intent: Intent) -> None:
        """Syncro surely took nothing: the intent goes, and its card with it where nothing else is on that."""
        message = f"stamp: customer {self.new.business_name}, taken back"
        self.commit({intent.path: without_intent(intent.text)}, {intent.path: intent.text}, message)

    def record(self, intent: Intent, customer_id: int, *, was_there: bool) -> Made:
        """Read the customer back, and make the intent's card theirs. Raises DecisionNeeded where they are called
        otherwise, or where another one of that name came into being."""
        customer = self.client.customer(customer_id)
        if not same_name(customer.name, self.new.business_name):
            raise DecisionNeeded(
                f"Syncro made customer {customer.id} and calls them {clean_line(customer.name)}",
                remedy="look at the customer in the web interface; the intent stays on the card here",
            )
        commit_edits(self.workspace, [intent.path], self.session.tell)
        text = self.workspace.read_text_or_none(intent.path)
        path, files, made_of, moves = self.recorded(customer, intent.path, text)
        self.commit(files, made_of, record_message(customer), moves)
        others = tuple(c for c in self.there() if c.id not in (*intent.known, customer.id))
        if others:
            raise _doubtful((customer, *others))
        return Made(customer, path, was_there)

    def recorded(
        self, customer: Customer, path: str, text: str | None
    ) -> tuple[str, dict[str, str | None], dict[str, str | None], dict[str, str]]:
        """The card's path, the files to write, what they were made of, and the moves among them: in the folder of the
        customer where there is one (a pull may have made it), else where the intent is, unless its name was taken."""
        folders = Folders.of(self.workspace, ticket_heads(self.workspace))
        own = path.split("/")[1]
        if customer.id in folders.by_card:
            rest = without_intent(text) if text is not None else None
            return folders.card_path(customer.id), {path: rest}, {path: text}, {}
        if customer.id not in folders.by_customer:
            name = customer_slug(customer.name, customer.id, folders.taken - {own.lower()})
            alone = set(self.workspace.names_in(f"{CLIENTS}/{own}")) <= {"client.md"}
            folders.by_customer[customer.id] = name if alone else own
        there = folders.card_path(customer.id)
        card = made_card(text, customer, there)
        if there == path:
            return there, {path: card}, {path: text}, {}
        return there, {there: card, path: None}, {there: None, path: text}, {path: there}

    def free_card(self) -> str:
        """Where the intent goes: into a folder of that name, or one beside it where there is such a folder."""
        first = slug(self.new.business_name, "customer")
        taken = {f.lower() for f in self.workspace.customer_folders() if self.workspace.names_in(f"{CLIENTS}/{f}")}
        place, folder = 1, first
        while folder in taken:
            place += 1
            folder = f"{first[:36].rstrip('-')}-{place}"
        return f"{CLIENTS}/{folder}/client.md"

    def commit(
        self,
        files: Mapping[str, str | None],
        made_of: Mapping[str, str | None],
        message: str,
        moves: Mapping[str, str] | None = None,
    ) -> None:
        left = write_and_commit(self.workspace, Change(files, message, made_of, None, moves or {})).left
        if left:
            raise Busy(f"{left[0]} was saved by another program just now", remedy="close it there, and run it again")
        for path in files:
            self.workspace.delete_empty(path.rpartition("/")[0])

    def wait(self) -> None:
        """Wait a whole `settle`, counted by what was slept."""
        total = self.workspace.settings.syncro.settle
        for second in range(total):
            self.session.progress("seconds waited before looking for a lost answer", second, total)
            self.session.clock.sleep(1.0)


def _doubtful(customers: tuple[Customer, ...]) -> DecisionNeeded:
    listed = ", ".join(f"{clean_line(c.name)} ({c.id})" for c in customers)
    return DecisionNeeded(
        f"more than one customer of that name has been made: {listed}",
        remedy="compare them in the web interface, and delete what is too much there",
    )
