"""One-offs: a timer entry to add, time to correct, a line for an invoice, something to delete; each exactly once.

`making` makes one of a command's words and of what Syncro says now, `seeing` reads what it is decided from, `going`
brings it to its end in a push, `commands` are what the command line calls.
"""
