"""The command line: one small module per group of commands, on the public API."""

PROGRAM = "bioimageit-flow"
"""What the program is called where commands are typed."""
