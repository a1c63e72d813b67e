"""Push: files into Syncro, exactly once. look -> stamp -> send -> read back -> record, for each piece of work."""

from synclog.app.push.run import Confirm, PushResult, dry_run, plan_word, push

__all__ = ["Confirm", "PushResult", "dry_run", "plan_word", "push"]
