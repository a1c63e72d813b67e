"""The synclog.yaml that a new workspace begins with: every setting with its default and what it is for."""

from __future__ import annotations

import json
from collections.abc import Mapping

from synclog.core.settings import FORMAT, TimeVia

_TEXT = """\
# Settings of this synclog workspace. Committed and shared: nothing secret and nothing personal belongs here.
# Your key and your name live in your own config.yaml; `synclog doctor` shows where that is.

format: {format}                  # of the files; leave it to synclog
timezone: {timezone}  # in which times are shown and days begin

syncro:
  base_url: {base_url}
  auth: query              # query: the key goes as ?api_key=...   bearer: as an Authorization header
  rate_limit: 180          # requests a minute, shared by everyone behind one internet address
  timeout: 30              # seconds a request may take
  settle: 60               # seconds within which Syncro commits a write whose answer was lost

# Names for labor products: `alias: product id`, or `alias: {{product: id, round_to: 15, minimum: 30}}` (minutes).
# `synclog doctor --labor` prints the lines for this account.
labor:{labor}

defaults:
{default_labor}  subject: Update          # of a note's comment
  to: public               # private: internal only   public: visible, no e-mail   email: e-mailed to the customer
  minutes: 60              # offered where time is asked for, never filled in

time:
  via: {via:<19} # how time reaches Syncro: comment, timer or line_item
  charge_now: false        # true: time is charged as soon as it is posted

push:
  confirm: ask             # ask   plan: only a plan that somebody was shown can be pushed

pull:
  scope: open              # which tickets become files: open, mine or all

session_log:
  per: day                 # one log a ticket and: day, or push
  template: full           # full, short, customer, or one of your own in templates/
"""


def default_settings_text(
    base_url: str, timezone: str, labor: Mapping[str, int] | None = None, via: TimeVia = "comment"
) -> str:
    """Return the text of a new synclog.yaml. `labor` is product ids by alias; the first is the default when none is
    called `remote`."""
    lines = "".join(f"\n  {_scalar(alias)}: {product}" for alias, product in (labor or {}).items())
    default = next((alias for alias in (labor or {}) if alias == "remote"), next(iter(labor or {}), None))
    return _TEXT.format(
        format=FORMAT,
        timezone=_scalar(timezone),
        base_url=_scalar(base_url),
        labor=lines or " {}",
        default_labor=f"  labor: {_scalar(default)}\n" if default else "",
        via=via,
    )


def _scalar(text: str) -> str:
    """Return YAML for a text: as it is where nothing can misread it, else in JSON's quotes, which YAML shares."""
    plain = text.replace("://", "").replace("/", "").replace("_", "").replace("-", "").replace(".", "")
    words = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
    if plain.isascii() and plain.isalnum() and text[0].isalpha() and text.lower() not in words:
        return text
    return json.dumps(text, ensure_ascii=True)
