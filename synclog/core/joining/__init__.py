"""Joining two versions of one ticket's file: texts in, one text and what is left to decide out.

Each side's edits are found by its own base and go onto the newer of the two mirrors. What is the technician's own is
merged three-way, with the ancestor where there is one. The tables are those of docs/merging.md.
"""

from __future__ import annotations

from synclog.core.joining.whole import Joined, conflicted, merge

__all__ = ["Joined", "conflicted", "merge"]
