"""synclog: Syncro tickets as markdown files in git; notes and time go back exactly once."""

__version__ = "0.1.0"
