"""Where jobs run: the container engine, or a locked environment."""
