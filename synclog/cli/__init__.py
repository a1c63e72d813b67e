"""The command line: wiring, printing, exit codes; nothing else."""
