"""What synclog does, for the command line and for Python callers alike: pull, push, and what is around them."""
