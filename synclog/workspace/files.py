"""Files, written whole or not at all, and read exactly as they are. What the bytes mean is not known here."""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from synclog.errors import StorageFailed

TEMPORARY = ".synclog-*.tmp"
"""What the temporary files are called that a killed process can leave behind; git ignores them."""

_PAUSES = (0.02, 0.05, 0.1, 0.2, 0.4)
"""Seconds between attempts to replace a file that another program (virus scanner, editor) holds open on Windows."""
_PAUSES_ON_THIS_SYSTEM = _PAUSES if os.name == "nt" else ()


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file's exact bytes, and its text where these are UTF-8 (None where not). The text keeps BOM and line ends."""

    raw: bytes
    text: str | None


def read_bytes(path: Path, most: int = -1) -> bytes:
    """Return a file's bytes, only the first ones with `most`. Raises FileNotFoundError when there is none,
    StorageFailed when it can't be read."""
    try:
        # Neither a link nor a pipe put there by someone else is followed or waited for.
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        with os.fdopen(os.open(path, flags), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise StorageFailed(f"{path} is not a plain file", remedy="move it out of the workspace")
            return stream.read(most)
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(str(path)) from None
    except OSError as error:
        raise StorageFailed(f"{path} can't be read: {_reason(error)}", remedy=_remedy(error)) from error


def read_text(path: Path) -> TextFile:
    """Return a file's bytes and text, decoded strictly and without touching line ends. Raises as `read_bytes`."""
    raw = read_bytes(path)
    try:
        return TextFile(raw, raw.decode("utf-8"))
    except UnicodeDecodeError:
        return TextFile(raw, None)


def write_whole(
    path: Path,
    data: bytes,
    *,
    mode: int | None = None,
    sleep: Callable[[float], None] = time.sleep,
    still: Callable[[], bool] = lambda: True,
) -> bool:
    """Write a file so that it holds either what it held or all of `data`, whenever the process or the machine dies.

    Folders on the way are made. `mode` are its POSIX permissions; left out, they are the old file's, or the usual
    ones. `still` is asked last, once `data` is on the disk: where it says no, the file is left as it is, and False
    returned. Raises StorageFailed, naming the path; what was there before is then intact.
    """
    temporary = path.with_name(f".synclog-{os.urandom(8).hex()}.tmp")
    try:
        _make_folders(path.parent)
        try:
            _write_new(temporary, data, _mode_of(path) if mode is None else mode)
            if not still():
                temporary.unlink()
                return False
            _replace(temporary, path, sleep)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        _flush_folder(path.parent)
    except OSError as error:
        raise StorageFailed(f"{path} can't be written: {_reason(error)}", remedy=_remedy(error)) from error
    return True


def remove(path: Path) -> None:
    """Delete a file if it is there. Raises StorageFailed when it is there and can't be deleted."""
    try:
        path.unlink()
        _flush_folder(path.parent)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise StorageFailed(f"{path} can't be deleted: {_reason(error)}", remedy=_remedy(error)) from error


def rename(path: Path, to: Path) -> None:
    """Rename a file or a folder, whole. Raises StorageFailed when it can't be done, or something is at `to` already."""
    try:
        if os.path.lexists(to):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        path.rename(to)
        _flush_folder(path.parent)
        if to.parent != path.parent:
            _flush_folder(to.parent)
    except OSError as error:
        raise StorageFailed(f"{path} can't become {to.name}: {_reason(error)}", remedy=_remedy(error)) from error


def _write_new(path: Path, data: bytes, mode: int | None) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    # Permissions narrower than usual are set from the start: nobody may open the file while it is being written.
    with os.fdopen(os.open(path, flags, 0o666 if mode is None else mode & 0o666), "wb") as stream:
        if mode is not None and os.name == "posix":
            os.fchmod(stream.fileno(), mode)
        stream.write(data)
        stream.flush()
        _flush(stream.fileno())


def _replace(temporary: Path, path: Path, sleep: Callable[[float], None]) -> None:
    for pause in _PAUSES_ON_THIS_SYSTEM:
        try:
            temporary.replace(path)
        except PermissionError:
            sleep(pause)
        else:
            return
    temporary.replace(path)


def _mode_of(path: Path) -> int | None:
    with suppress(OSError):
        return stat.S_IMODE(path.lstat().st_mode)
    return None


def _make_folders(folder: Path) -> None:
    """Make a folder and those above it, each one's name being on disk before something is put into it."""
    if not folder.is_dir():
        _make_folders(folder.parent)
        folder.mkdir(exist_ok=True)
        _flush_folder(folder.parent)


def _flush(descriptor: int) -> None:
    if sys.platform == "darwin":
        import fcntl

        # On macOS fsync leaves data in the drive's cache; some file systems know no better.
        with suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def _flush_folder(folder: Path) -> None:
    """Put a rename on disk. Where folders can't be opened (Windows), the file system keeps the order itself."""
    if os.name != "posix":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _remedy(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return "make room on the disk, then run the command again; nothing is lost"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "check who owns it and its permissions, and that no other program holds it open"
    return "check the disk and the path, then run the command again"
