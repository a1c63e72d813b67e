"""An independent Syncro to try synclog on: the API with its quirks, on loopback, filled with a made-up account.

It imports nothing else of synclog, so that one misunderstanding of Syncro can't hide on both sides.

    with Sandbox() as sandbox:
        requests.get(sandbox.base_url + "/me", params={"api_key": sandbox.api_key})
"""

from __future__ import annotations

from .faults import Fault
from .server import Recorded, Sandbox
from .store import Store

__all__ = ["Fault", "Recorded", "Sandbox", "Store"]
