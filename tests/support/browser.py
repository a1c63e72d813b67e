"""A real browser, headless, where this machine has one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_PLAYWRIGHT = "ms-playwright/chromium*/chrome-linux*/*chrome*"


def find_chromium() -> str | None:
    """Return the program of a Chromium, None where there is none."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    caches = (Path.home() / ".cache").glob(_PLAYWRIGHT)
    return found or next((str(path) for path in caches if path.is_file() and path.stat().st_mode & 0o111), None)


def rendered(chromium: str, page: Path, profile: Path) -> str:
    """Open a page, let its scripts run, and return what the browser made of it as HTML."""
    words = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run")
    quiet = ("--disable-background-networking", "--disable-extensions", "--proxy-server=127.0.0.1:9")
    command = (chromium, *words, *quiet, f"--user-data-dir={profile}", "--dump-dom", page.as_uri())
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=True)
    return done.stdout
