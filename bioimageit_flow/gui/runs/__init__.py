"""Runs in the window: starting and following them, and the panel that lists them."""
