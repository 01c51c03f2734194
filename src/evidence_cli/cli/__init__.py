"""The command line: one file per command, words before options, exit codes in one place."""
