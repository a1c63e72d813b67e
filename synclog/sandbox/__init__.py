"""An independent Syncro to try synclog on. Imports nothing else of synclog."""
