"""What git offers for many files, set in the clone's own config: only where nobody has set it before."""

from __future__ import annotations

import os

from synclog.workspace.gitrun import Git

# Not feature.manyFiles: it also leaves out the checksum of git's index, by which damage is found, and by which one
# index is told from another.
_SETTINGS = {"index.version": "4", "core.untrackedCache": "true"}
_ON_WINDOWS = {"core.longpaths": "true"}


def prepare_for_many_files(git: Git) -> list[str]:
    """Have git remember what it saw of folders, and keep a compact index; return the names of what was set.

    A git that does not know a setting ignores it. Settings of the technician, of the machine or of this clone stay.
    """
    wanted = {**_SETTINGS, **(_ON_WINDOWS if os.name == "nt" else {})}
    lacking = [name for name in wanted if git.run("config", "--get", name).status]
    for name in lacking:
        git.must("config", "--local", name, wanted[name])
    return lacking
