"""The remote system: client, limiter, wire shapes. Knows no files."""
