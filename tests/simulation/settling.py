"""A technician who looks into Syncro, says of everything doubtful what it is, and pushes, until nothing is doubtful.

What they say is true: `--posted` for what is there, `--send-again` for what is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from simulation.server import MIKE, token_of
from simulation.world import Broken
from synclog.app.push.cases import references_of
from synclog.app.push.planning import Prepared
from synclog.app.push.resolving import drop_one_off_in, resolve_draft_in, resolve_note_in
from synclog.core.deciding.steps import Doubt, Hold
from synclog.core.plan import PlannedNote, TicketPlan
from synclog.core.references import closing_reference
from synclog.errors import SynclogError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulation.desk import Tree
    from simulation.story import Story

MOST = 20


def settle(story: Story, tree: Tree, calm: Callable[[Story, Tree], Prepared]) -> None:
    """Settle all that is doubtful in a tree; `calm` pulls and pushes until there is nothing to do, and returns the plan
    of that. Raises Broken where that has no end."""
    for _ in range(MOST):
        prepared = calm(story, tree)
        if not any(_settled(story, tree, ticket) for ticket in prepared.plan.tickets):
            return
    raise Broken(f"still doubtful after {MOST} decisions")


def _settled(story: Story, tree: Tree, ticket: TicketPlan) -> bool:
    """Settle one thing of a ticket; False where nothing is doubtful."""
    for decided in _decisions(story, tree, ticket):
        decided()
        return True
    return False


def _decisions(story: Story, tree: Tree, ticket: TicketPlan) -> Iterator[Callable[[], None]]:
    if ticket.draft is not None and isinstance(ticket.draft.step, Doubt):
        yield lambda: _draft(story, tree, ticket)
    for one in ticket.doing:
        if isinstance(one.step, Doubt):
            yield lambda: _dropped(story, tree, ticket, one.work.id)  # noqa: B023
    for note in ticket.notes:
        if note.decides:
            yield lambda: _note(story, tree, ticket, note)  # noqa: B023
    if ticket.invoice is not None and isinstance(ticket.invoice.step, Doubt):
        yield lambda: tree.edit(ticket.path, replace(tree.disk[ticket.path], invoice=False, invoice_after=None))


def _draft(story: Story, tree: Tree, ticket: TicketPlan) -> None:
    assert ticket.draft is not None
    token = token_of(ticket.subject)
    made = [b.ticket.number for b in story.server.books.values() if token_of(b.ticket.subject) == token]
    resolve_draft_in(story.process(tree), ticket.draft.work.reference, posted=made[0] if made else None)


def _dropped(story: Story, tree: Tree, ticket: TicketPlan, name: str) -> None:
    drop_one_off_in(story.process(tree), ticket.number, name)


def _note(story: Story, tree: Tree, ticket: TicketPlan, note: PlannedNote) -> None:
    token = token_of(note.work.text) or 0
    comment = _comment(story, tree, ticket, note, token)
    time = isinstance(note.step, Hold) or (isinstance(note.step, Doubt) and note.step.of_time)
    job = story.jobs[token]
    if time:
        has_time = any(each == token for each in story.server.origins.values())
        if has_time or story.via == "comment":
            job.settled = True
        else:
            comment = None
    else:
        # What was typed into the web form and is said to be the note gets its time.
        story.by_hand.discard(comment or 0)
    if not time:
        # The comment is of another wording: what is sent for it now is what the note says by now.
        story.asked_doing.times.setdefault(token, set()).add(note.work.minutes or 0)
        body = next((c.body for c in story.server.books[ticket.id].comments if c.id == comment), "minutes")
        if note.work.minutes and " minutes" not in body:
            story.asked_doing.more[token] = story.asked_doing.more.get(token, 0) + 1
    try:
        resolve_note_in(story.process(tree), ticket.number, note.work.reference, posted=comment)
    except UsageError as error:
        if comment is None and isinstance(note.step, Doubt) and note.step.times:
            resolve_note_in(story.process(tree), ticket.number, note.work.reference, posted=note.step.comments[0].id)
            job.settled = True
            return
        if comment is None:
            raise Broken(f"{error.message}: {error.remedy}") from error
        story.asked_doing.comments.pop((story.trees.index(tree), comment or 0), None)
        _deleted(story, tree, ticket, note)
    except SynclogError as error:
        raise Broken(f"a decision was not taken: {error.message}") from error


def _comment(story: Story, tree: Tree, ticket: TicketPlan, note: PlannedNote, token: int) -> int | None:
    """The comment that the note is, None where none is."""
    if isinstance(note.step, Hold):
        return note.step.comment
    shown = note.step.comments if isinstance(note.step, Doubt) else ()
    there = story.server.books[ticket.id].comments
    said = story.asked_doing.comments
    named = references_of(note.work)
    for comment in sorted(
        (*shown, *there), key=lambda c: (closing_reference(c.body) not in named, c.id in story.by_hand)
    ):
        which: object = (ticket.path, note.work.content, note.work.place)
        mine = comment.user_id == MIKE and comment.subject == "Update" and token_of(comment.body) == token
        others = {which for (index, c), which in said.items() if c == comment.id and index != story.trees.index(tree)}
        if mine and others - {which}:
            # Two branches have it in two wordings, and each is said to be it: two pieces of time.
            story.asked_doing.more[token] = story.asked_doing.more.get(token, 0) + 1
        if mine and said.setdefault((story.trees.index(tree), comment.id), which) == which:
            return comment.id
    return None


def _deleted(story: Story, tree: Tree, ticket: TicketPlan, note: PlannedNote) -> None:
    """It is posted elsewhere: what stands here is a copy."""
    file = tree.disk[ticket.path]
    story.save(tree, file, [n for n in file.notes if n.index != note.work.index])
    story.jobs[token_of(note.work.text) or 0].settled = True
