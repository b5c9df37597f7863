"""The program that keeps a tool warm: imports its libraries once, then runs its jobs.

It runs in the tool's container or environment, not in this process. A copy of this
folder is given to the Python there, so these files use the standard library alone,
work with Python 3.8 and import nothing but each other. ``worker.sh`` does the same for
images without Python.

It talks JSON lines: requests come on descriptor 0, events go out on descriptor 1, and
descriptor 2 takes what jobs print. To it ``{"do": "run", "job": ..., "command": [...],
"home": ..., "groups": [...], "end": ...}`` and ``{"do": "stop"}``; the end of the
requests is a stop as well, so that it never outlives who started it. From it ``ready``,
``started``, ``done`` and ``error``. What a job prints ends with the text that its
request calls ``end``.
"""
