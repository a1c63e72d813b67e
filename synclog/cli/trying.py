"""`sandbox`, `demo`: a Syncro of one's own, and the whole round on it."""

from __future__ import annotations

import click

from synclog.cli.context import App, Report, pass_app, reporting
from synclog.errors import UsageError


@click.command(
    epilog="""\b
Examples:
  synclog sandbox --port 8765
  synclog sandbox --data ./sandbox --tickets 1000
  synclog sandbox --fault "drop-after POST /tickets/*/comment #1"
"""
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 (the default) takes a free one.")
@click.option("--data", metavar="DIR", type=click.Path(file_okay=False), help="Keep the account here; else in memory.")
@click.option("--reset", is_flag=True, help="Start afresh in --data.")
@click.option(
    "--comment-time",
    type=click.Choice(["record", "drop"]),
    default="record",
    help="Record time that comes with a comment, or drop it silently, as some accounts do.",
)
@click.option("--rate-limit", type=click.IntRange(min=1), help="Requests a minute; more are answered with 429.")
@click.option("--latency", type=click.FloatRange(min=0), default=0.0, metavar="S", help="Seconds added to each answer.")
@click.option("--tickets", type=click.IntRange(min=1), metavar="N", help="Fill the account up to N made-up tickets.")
@click.option("--fault", "faults", multiple=True, metavar="SPEC", help="Fail on purpose; see docs/sandbox.md.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
@pass_app
def sandbox(
    app: App,
    port: int,
    data: str | None,
    reset: bool,
    comment_time: str,
    rate_limit: int | None,
    latency: float,
    tickets: int | None,
    faults: tuple[str, ...],
    as_json: bool,
) -> int:
    """Serve a Syncro of your own on this machine, filled with a made-up account. Stop it with Ctrl-C."""
    from pathlib import Path

    from synclog.sandbox import Sandbox

    app.as_json = app.as_json or as_json
    try:
        server = Sandbox(
            data=Path(data) if data else None,
            port=port,
            comment_time="drop" if comment_time == "drop" else "record",
            rate_limit=rate_limit,
            latency=latency,
            tickets=tickets,
            faults=faults,
            reset=reset,
        )
    except ValueError as error:
        raise UsageError(str(error), remedy="see `synclog sandbox --help`") from error
    try:
        server.start()
        lines = [
            f"base URL: {server.base_url}",
            f"key:      {server.api_key}",
            f"page:     {server.base_url.removesuffix('/api/v1')}/",
        ]
        app.finish(Report({"base_url": server.base_url, "api_key": server.api_key}, lines))
        server.serve_forever()
    finally:
        server.close()
    return 0


@click.command(
    epilog="""\b
Examples:
  synclog demo
  synclog demo my-demo
"""
)
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(file_okay=False))
@pass_app
@reporting
def demo(app: App, folder: str | None) -> Report:
    """Show the whole round on the embedded sandbox: pull, write, push, invoice, session log.

    Needs no key, no network and no terminal. The folder is left behind for you to explore.
    """
    from pathlib import Path

    from synclog.cli.demo import run_demo

    return run_demo(Path(folder) if folder else None, say=app.tell)
