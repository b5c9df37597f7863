"""The program that the contract tests of runtimes run as a tool.

Standard library only, one file: it runs in whatever Python a runtime has, and in this
process for runtimes that have no processes.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

Say = Callable[[str], None]


def main(arguments: list[str], say: Say, complain: Say) -> int:
    """Do what the first argument names; return the exit code.

    Parameters
    ----------
    arguments : list of str
        Name of the action and what it needs.
    say, complain : callable
        Print a line on stdout and on stderr; either may raise to stop the program.
    """
    name, *rest = arguments
    if name == "fail":
        complain(rest[1])
        return int(rest[0])
    if name == "say":
        for line in rest:
            say(line)
    elif name == "count":
        for number in range(int(rest[0])):
            say(f"{number} {rest[1]}")
    elif name == "copy":
        Path(rest[1]).write_bytes(Path(rest[0]).read_bytes())
    elif name == "arguments":
        Path(rest[0]).write_text(json.dumps(rest[1:]), "utf-8")
    elif name == "hang":
        while True:
            say("hanging")
            time.sleep(0.01)
    else:
        say(str(_PROCESS_ACTIONS[name](*rest)))
    return 0


def _look(target: str) -> str:
    """Write down what the process sees of its surroundings."""
    home = Path(os.environ["HOME"])
    seen = {
        "environment": dict(os.environ),
        "folder": str(Path.cwd()),
        "stdin": sys.stdin.buffer.read().decode(),
        "home": sorted(path.name for path in home.iterdir()),
        "user": os.getuid() if hasattr(os, "getuid") else None,
        "groups": os.getgroups() if hasattr(os, "getgroups") else None,
        "module": __file__,
    }
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text("utf-8").splitlines()
        seen["status"] = dict(line.split(":", 1) for line in lines if ":" in line)
        seen["processes"] = [
            p.name for p in Path("/proc").iterdir() if p.name.isdigit()
        ]
        seen["mounts"] = Path("/proc/self/mounts").read_text("utf-8")
    Path(target).write_text(json.dumps(seen), "utf-8")
    (home / "left").write_text("a job may leave something in its home", "utf-8")
    return "looked"


def _be_deaf() -> str:
    """Ignore every signal that can be ignored, and hang without a word."""
    for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    sys.stdout.write("deaf\n")
    sys.stdout.flush()
    while True:
        time.sleep(60)


def _eat(size: str, hold: str = "") -> str:
    """Take memory, a piece at a time, as a tool that meets a large image does."""
    pieces = []
    for _ in range(int(size) // 2**22):
        pieces.append(b"x" * 2**22)
        time.sleep(0.002)
    while hold:
        time.sleep(60)
    return f"ate {len(pieces)} pieces"


_KEPT: list[bytes] = []


def _keep(size: str) -> str:
    """Take memory and never give it back, as a library with a leak does."""
    _KEPT.append(b"x" * int(size))
    return "kept"


def _leave_child(target: str) -> str:
    """Leave a child behind that has a session of its own and closed all it got."""
    code = (
        "import pathlib, sys, time\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "while True:\n"
        "    path.write_text(str(time.monotonic()))\n"
        "    time.sleep(0.01)\n"
    )
    subprocess.Popen(
        [sys.executable, "-c", code, target],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not Path(target).exists():
        time.sleep(0.005)
    return "left a child"


def _name_process() -> str:
    """Tell which process this is: number and time of its start, where known."""
    started = Path("/proc/self/stat").read_text("utf-8").split()[21]
    return f"{os.getpid()} {started}"


def _write_odd_files(target: str) -> str:
    """Write what a caller could not read, or would not want to."""
    out = Path(target)
    (out / "a").mkdir()
    (out / "a" / "b").write_text("x", "utf-8")
    (out / "a" / "b").chmod(0o000)
    (out / "a").chmod(0o000)
    (out / "s").write_text("x", "utf-8")
    (out / "s").chmod(0o4755)
    (out / "l").symlink_to("/etc/passwd")
    return "written"


def _fork_bomb(most: str) -> str:
    """Start processes until the system refuses; return how many there were."""
    for number in range(int(most)):
        try:
            child = os.fork()
        except OSError:
            return str(number)
        if child == 0:
            time.sleep(600)
            os._exit(0)
    return most


def _attempt(target: str, *host_paths: str) -> str:
    """Try what an isolated job must not be able to; write down what came of it."""
    attempts = _ATTEMPTS | {f"see {path}": Path(path).stat for path in host_paths}
    done = {name: _what_came(action) for name, action in attempts.items()}
    Path(target).write_text(json.dumps(done), "utf-8")
    return "attempted"


def _what_came(action: Callable[[], object]) -> str:
    try:
        result = action()
    except OSError as error:
        return f"refused: {error}"
    return f"done: {result}"


def _call(name: str, *arguments: object) -> int:
    """Call a function of the C library; raise what it complains about."""
    library = ctypes.CDLL(None, use_errno=True)
    result = int(getattr(library, name)(*arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _write(path: str) -> Callable[[], object]:
    """Try to open a file for writing; leaves it as it was where that succeeds."""

    def action() -> None:
        was_there = Path(path).exists()
        Path(path).open("ab").close()
        if not was_there:
            Path(path).unlink()

    return action


def _connect(host: str, port: int) -> Callable[[], object]:
    return lambda: socket.create_connection((host, port), timeout=2).close()


_NEW_USER_NAMESPACE = 0x10000000

_ATTEMPTS: dict[str, Callable[[], object]] = {
    "write input": _write("/job/in/data/0.txt"),
    "add input": _write("/job/in/data/1.txt"),
    "remove input": lambda: Path("/job/in/data/0.txt").unlink(),
    "write job.json": _write("/job/job.json"),
    "write tool": _write("/tool/contract_program.py"),
    "write library": _write("/toolbox/lib/new.py"),
    "write root": _write("/new"),
    "write etc": _write("/etc/hosts"),
    "write usr": _write("/usr/bin/new"),
    "write var": _write("/var/new"),
    "write job": _write("/job/new"),
    "write kernel": _write("/proc/sys/kernel/hostname"),
    "resolve name": lambda: socket.getaddrinfo("example.org", 80),
    "reach network": _connect("1.1.1.1", 53),
    "reach host": _connect("172.17.0.1", 22),
    "raw socket": lambda: socket.socket(
        socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP
    ).close(),
    "become root": lambda: os.setuid(0),
    "give away": lambda: os.chown("/job/out/result", 1, 1),
    "make device": lambda: os.mknod("/job/out/result/null", 0o20666, os.makedev(1, 3)),
    "mount": lambda: _call("mount", b"none", b"/tmp", b"tmpfs", 0, None),
    "new namespace": lambda: _call("unshare", _NEW_USER_NAMESPACE),
    "change root": lambda: os.chroot("/tmp"),
    "read passwords": lambda: len(Path("/etc/shadow").read_bytes()),
    "engine socket": Path("/var/run/docker.sock").stat,
}

_PROCESS_ACTIONS: dict[str, Callable[..., object]] = {
    "look": _look,
    "deaf": _be_deaf,
    "eat": _eat,
    "keep": _keep,
    "abort": os.abort,
    "process": _name_process,
    "leave-child": _leave_child,
    "odd-files": _write_odd_files,
    "fork-bomb": _fork_bomb,
    "attempt": _attempt,
}


def _print_to(name: str) -> Say:
    def say(text: str) -> None:
        stream = getattr(sys, name)
        stream.write(f"{text}\n")
        stream.flush()

    return say


def work() -> int:
    """Do what the command line says; what a warm worker calls."""
    return main(sys.argv[1:], _print_to("stdout"), _print_to("stderr"))


if __name__ == "__main__":
    sys.exit(work())
