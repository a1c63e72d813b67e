"""The fault matrix: each kind of write x each fault x each place where the next run goes on.

Whatever goes wrong while `synclog push` is at work, in the end each piece of work is in Syncro exactly once, with its
minutes, once in the trail, and nothing is pending. Real processes, a real repository, the sandbox over real HTTP.

    pytest tests/matrix              a selection: most kinds x each fault once, the place rotating; each kill point
    pytest tests/matrix --whole      all of it; prints what each kind took

zygote.py and processes.py run the command line, stage.py and cell.py prepare and play one cell; records.py reads what
came of it; kinds.py with oneoffs.py, faults.py and places.py are the three axes.
"""

import pytest

pytest.register_assert_rewrite("matrix.cell")
