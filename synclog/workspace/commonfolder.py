"""Git's common folder of a workspace, found by looking at plain files: to run git would take longer than all the rest
of what is quick."""

from __future__ import annotations

from pathlib import Path


def common_folder(root: Path) -> tuple[Path, str] | None:
    """Return git's folder that all work trees of a clone share, and where the workspace at `root` lies in its
    repository (`.` for its top); None where that is not plain to see."""
    for top in (root, *root.parents):
        place = top / ".git"
        if place.is_dir():
            return place, root.relative_to(top).as_posix()
        try:
            told = place.read_text("utf-8") if place.is_file() else ""
            if told.startswith("gitdir: "):
                folder = top / told.removeprefix("gitdir: ").rstrip("\n")
                shared = folder / "commondir"
                common = folder / shared.read_text("utf-8").rstrip("\n") if shared.is_file() else folder
                return common.resolve(), root.relative_to(top).as_posix()
        except (OSError, ValueError):
            return None
    return None
