"""Run a command and write down what it took: ``python launch.py FOLDER COMMAND ...``.

A process of its own, and a small one: the system counts the memory of whoever starts a
program to the program, so a benchmark with large libraries would measure itself. Writes
``took.json`` into the folder; what the command says of its errors goes there too.
"""

import json
import os
import sys
import time


def main() -> int:
    """Run the command to its end."""
    folder, *command = sys.argv[1:]
    begun = time.perf_counter()
    child = os.fork()
    if child == 0:
        silence = os.open(os.devnull, os.O_WRONLY)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(silence, 1)
        os.dup2(os.open(f"{folder}/said", flags, 0o644), 2)
        try:
            os.execvp(command[0], command)
        except OSError as error:
            os.write(2, f"{command[0]}: {error.strerror}\n".encode())
            os._exit(127)
    _, status, usage = os.wait4(child, 0)
    took = {
        "wall_s": time.perf_counter() - begun,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss,
        "code": os.waitstatus_to_exitcode(status),
    }
    with open(f"{folder}/took.json", "w") as file:  # noqa: PTH123 - no pathlib: small
        json.dump(took, file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
