"""The local side: settings, keys, paths, git history, lock. Knows no HTTP."""
