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
from synclog.app.newcards import free_card, recorded_card
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
    of_that_name,
    sent_mark,
    with_intent,
    without_intent,
)
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
    """One customer under way. `sent` says that this run has sent it, and lost the answer; `shown` are the ids of those
    of that name whom the plan showed, None where nothing was shown."""

    def __init__(self, session: Session, new: NewCustomer, me: Me, another: bool) -> None:
        self.session, self.new, self.me, self.another = session, new, me, another
        self.workspace, self.client = session.workspace, session.client
        self.mark = sent_mark(new.business_name)
        self.sent = False
        self.shown: set[int] | None = None

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
            self.shown = {customer.id for customer in about}
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
        if self.shown != {customer.id for customer in about}:
            raise DecisionNeeded(
                "the customers of that name are not those any more that were shown; nothing was sent",
                remedy="run it again: it shows who is there now",
            )
        return self.send(intent, about)

    def intent(self) -> Intent | None:
        """The intent of an earlier run, or of this one, for a customer of that name."""
        workspace = self.workspace
        found = (intent_of(workspace.read_bytes(p).decode("utf-8", "replace"), p) for p in workspace.card_paths())
        return next((i for i in found if i is not None and same_name(i.name, self.new.business_name)), None)

    def look(self, intent: Intent | None, *, settled: bool) -> tuple[Step, tuple[Customer, ...]]:
        sent = self.mark in turns.sent_lately(self.workspace)
        return customer_step(intent, self.there(), sent=sent, settled=settled, another=self.another)

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
        # In git's common folder as well: a branch without the card, or a card that was deleted, forgets nothing.
        again = intent is not None or self.mark in turns.sent_lately(self.workspace)
        turns.note_sent(self.workspace, self.mark)
        turns.take_turn(self.workspace)
        try:
            made = self.client.create_customer(**self.new.sends)
        except OutcomeUnknown:
            if again:
                raise
            self.sent = True
            return None
        except SynclogError:
            self.take_back(written)
            raise
        return self.record(written, made.id, was_there=False)

    def write_intent(self, intent: Intent | None, known: tuple[int, ...]) -> Intent:
        path = intent.path if intent else free_card(self.workspace, self.new.business_name)
        commit_edits(self.workspace, [path], self.session.tell)
        old = self.workspace.read_text_or_none(path)
        text = with_intent(old, self.new, known=known, by=self.me.user_id, at=self.session.today())
        self.commit(Change({path: text}, f"stamp: customer {self.new.business_name}", {path: old}))
        written = intent_of(text, path)
        assert written is not None
        return written

    def take_back(self, intent: Intent) -> None:
        """Syncro surely took nothing: the intent goes, and its card with it where nothing else is on that."""
        turns.note_sent(self.workspace, self.mark, refused=True)
        message = f"stamp: customer {self.new.business_name}, taken back"
        self.commit(Change({intent.path: without_intent(intent.text)}, message, {intent.path: intent.text}))

    def record(self, intent: Intent, customer_id: int, *, was_there: bool) -> Made:
        """Read the customer back, and make the intent's card theirs. Raises DecisionNeeded where they are called
        otherwise, or where another one of that name came into being."""
        customer = self.client.customer(customer_id)
        commit_edits(self.workspace, [intent.path], self.session.tell)
        text = self.workspace.read_text_or_none(intent.path)
        path, change = recorded_card(self.workspace, customer, intent.path, text)
        self.commit(change)
        turns.note_sent(self.workspace, self.mark, refused=True)
        if not same_name(customer.name, self.new.business_name):
            raise DecisionNeeded(
                f"customer {customer.id} is made and recorded, and Syncro calls them {clean_line(customer.name)}",
                remedy="look at the customer in the web interface",
            )
        others = tuple(c for c in self.there() if c.id not in (*intent.known, customer.id))
        if others:
            raise _doubtful((customer, *others))
        return Made(customer, path, was_there)

    def commit(self, change: Change) -> None:
        left = write_and_commit(self.workspace, change).left
        if left:
            raise Busy(f"{left[0]} was saved by another program just now", remedy="close it there, and run it again")
        for path in change.files:
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
