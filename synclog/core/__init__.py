"""Deciding, pure: no network, files, git, clock, environment or printing."""
