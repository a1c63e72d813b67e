"""`init` takes the folder as a person names it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_a_folder_named_relative_to_where_one_stands_becomes_a_workspace(tmp_path: Path) -> None:
    environment = os.environ | {
        "SYNCLOG_CONFIG_DIR": str(tmp_path / "config"),
        "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    (tmp_path / "gitconfig").write_text("[user]\n\tname = Mira Stanton\n\temail = mira@copperline.example\n")
    words = [sys.executable, "-m", "synclog", "init", "my-msp", "--subdomain", "copperline"]
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "my-msp" / "synclog.yaml").is_file()
    assert (tmp_path / "my-msp" / ".git").is_dir()
