"""Runs in the editor: what the canvas shows of them, and how one is asked for."""
