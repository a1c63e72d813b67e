"""What push does next, decided from the file and from what was read back; nothing else decides.

Each module is one of the tables of docs/exactly-once.md: `notes`, their `times`, `invoices`, new `tickets`. They take
values and return a step of `steps`; they read no clock, file or network.
"""
