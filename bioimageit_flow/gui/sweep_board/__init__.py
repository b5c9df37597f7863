"""The sweep board: what different settings gave, side by side, to choose one."""
