"""What must hold after every schedule."""

from __future__ import annotations

from simulation.desk import Tree, tokens_in
from simulation.oneoffs import check_one_offs, tokens_waiting
from simulation.server import MIKE, records, token_of
from simulation.settling import settle
from simulation.story import ROUNDS, ZONE, Story
from simulation.world import Broken
from synclog.app.push.found import references_in
from synclog.app.push.planning import Prepared, prepare
from synclog.core.deciding.steps import Doubt
from synclog.core.references import closing_reference
from synclog.core.work import references_here


def finish(story: Story, *, settles: bool = False) -> int:
    """Go on without faults until nothing is left to do, in every tree; then look at everything. Returns how many
    pieces of work ended doubtful. With `settles` somebody then says of each what it is, and all is looked at again.
    Raises Broken."""
    story.world.tick(120)
    doubtful = look_at_all(story)
    if settles and doubtful:
        for tree in story.trees:
            settle(story, tree, calm)
        look_at_all(story)
    return doubtful


def look_at_all(story: Story) -> int:
    """Raise Broken unless everything holds; return how many pieces of work are doubtful."""
    shown: set[int] = set()
    doubtful: set[int] = set()
    for tree in story.trees:
        prepared = calm(story, tree)
        left = {token for file in tree.disk.values() for token in (*tokens_in(file), *tokens_waiting(file))}
        shown |= left
        for ticket in prepared.plan.tickets:
            for note in ticket.notes:
                if isinstance(note.step, Doubt):
                    doubtful.add(token_of(note.work.text) or 0)
                    # What a doubt lays beside the note is shown with it.
                    shown |= {token_of(comment.body) or 0 for comment in note.step.comments}
        check_trail(story, tree)
    check_work(story, shown)
    check_drafts(story)
    check_invoices(story)
    check_one_offs(story)
    return len(doubtful)


def calm(story: Story, tree: Tree) -> Prepared:
    """Pull and push until a plan has nothing to do right after a pull; return that plan."""
    for _ in range(ROUNDS):
        story.do_pull(story.trees.index(tree))
        around = story.process(tree)
        prepared = prepare(around)
        if not prepared.plan.acts:
            all_is_shown(story, tree, prepared)
            return prepared
        around = story.process(tree)
        story.pushed(around, 0)
    raise Broken(f"still something to do after {ROUNDS} runs: {prepared.plan}")


def all_is_shown(story: Story, tree: Tree, prepared: Prepared) -> None:
    """Whatever is left in a file is in the plan, with a reason."""
    if tree.journal is not None:
        raise Broken("a journal is left")
    named = {ticket.path: ticket for ticket in prepared.plan.tickets}
    invalid = {error.path for error in prepared.invalid}
    for path, file in tree.disk.items():
        if path in invalid:
            if not story.confusing:
                raise Broken(f"{path} is not valid")
            continue
        pending = bool(file.notes or file.invoice or file.is_draft or file.doing)
        if pending and path not in named:
            raise Broken(f"{path} has something pending that no plan shows")
        if pending and not named[path].doubts and not named[path].held:
            raise Broken(f"{path} has something pending, and no plan says why: {named[path]}")


def check_trail(story: Story, tree: Tree) -> None:
    """History has an entry for every comment of ours that carries a reference; each once."""
    around = story.process(tree)
    numbers = [file.number for file in tree.disk.values() if file.number is not None]
    ledger = around.desk.ledger(numbers)
    for book in story.server.books.values():
        if book.ticket.number not in numbers or any(
            e.path == f"tickets/{book.ticket.number}.md" for e in around.desk.files().invalid
        ):
            continue
        missing = [
            r
            for r, c in references_in(book.comments, book.ticket.number).items()
            if c.user_id == MIKE and closing_reference(c.body) == r and r not in ledger.recorded
        ]
        held = {r for r in missing if stands(story, tree, r)}
        if set(missing) - held:
            raise Broken(f"history lacks {missing}")
    for op in ("comment", "time", "create"):
        references = [entry.reference for entry in ledger.entries if entry.op == op]
        if len(references) != len(set(references)):
            raise Broken(f"history has a {op} twice: {references}")


def stands(story: Story, tree: Tree, reference: str) -> bool:
    """Whether a note or a draft here is what the reference is about: then a plan shows it."""
    today = story.world.now.astimezone(ZONE).date()
    created = any(file.create is not None and file.create.reference == reference for file in tree.disk.values())
    return created or any(reference in references_here(file, today) for file in tree.disk.values())


def check_work(story: Story, shown: set[int]) -> None:
    """Each piece of work is there as often as it was meant, with its time; or it is still shown."""
    times: dict[int, list[int]] = {}
    for _, token, minutes in records(story.server):
        times.setdefault(token, []).append(minutes)
    for token, job in story.jobs.items():
        posted = [
            c
            for book in story.server.everything()
            for c in book.comments
            if c.user_id == MIKE and c.subject == "Update" and token_of(c.body) == token
        ]
        # What a ticket was deleted with may be posted again from where nobody knows of that.
        gone = [c for c in posted if c.ticket_id not in story.server.books]
        if len(posted) - len(gone) > job.wanted:
            raise Broken(f"job{token} was posted {len(posted)} times, and meant {job.wanted} times")
        if not posted and not job.taken_back and token not in shown:
            raise Broken(f"job{token} was neither posted nor is it shown")
        expected = sorted(m for c in posted if c.id not in story.by_hand and (m := _minutes(c.body)))
        corrected = story.asked_doing.times.get(token, set())
        found = sorted(times.get(token, []))
        most = len(expected) + story.asked_doing.more.get(token, 0)
        if len(found) > most or any(m not in expected and m not in corrected for m in found):
            raise Broken(f"job{token} has the time {found}, and was meant to have {expected}")
        complete = found == expected or (corrected and (len(found) >= len(expected) or 0 in corrected))
        complete = complete or any(token_of(c.body) == token for book in story.server.deleted for c in book.comments)
        if not complete and token not in shown and not job.settled:
            raise Broken(f"the time of job{token} is {found} and not {expected}, and nothing says so")
    for timer, count in story.server.charged.items():
        if count > 1:
            raise Broken(f"timer entry {timer} was charged {count} times")


def check_drafts(story: Story) -> None:
    for token, job in story.drafts.items():
        made = [b for b in story.server.everything() if token_of(b.ticket.subject) == token]
        gone = [b for b in made if b.ticket.id not in story.server.books]
        if len(made) - len(gone) > job.wanted:
            raise Broken(f"the new ticket job{token} was created {len(made)} times")
        left = any(
            f.is_draft and token_of(str(f.fields["subject"])) == token for t in story.trees for f in t.disk.values()
        )
        if not made and not left:
            raise Broken(f"the new ticket job{token} was neither created nor is it there")


def check_invoices(story: Story) -> None:
    for book in story.server.everything():
        number = book.ticket.number
        made = [i for i in story.server.invoices if i.ticket_id == book.ticket.id]
        count = story.server.invoiced.get(number, 0)
        if count > story.asked.get(number, 0):
            raise Broken(f"#{number} had {count} invoices, and was meant to have {story.asked.get(number, 0)}")
        waits = any(f.number == number and f.invoice for tree in story.trees for f in tree.disk.values())
        if any(not i.lines for i in made) and not waits:
            raise Broken(f"#{number} has an empty invoice that nobody is told of")


def _minutes(body: str) -> int | None:
    words = body.replace(",", " ").replace(":", " ").split()
    return int(words[words.index("minutes") - 1]) if "minutes" in words else None
