"""Scripts that do what a technician does in an editor."""

from __future__ import annotations

from support.office import Office


def writing(office: Office, text: str) -> str:
    """A script that does what an editor does: puts `text` in front of what the file holds, and saves it."""
    script = office.root.parent / "editor.py"
    script.write_text(
        "import pathlib, sys\n"
        "file = pathlib.Path(sys.argv[1])\n"
        f"file.write_text({text!r} + file.read_text('utf-8'), 'utf-8')\n",
        "utf-8",
    )
    return str(script)
