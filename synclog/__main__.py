"""`python -m synclog`."""

from synclog.cli import main

main()
