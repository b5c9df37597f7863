"""A container engine of the tests' own, which may be killed and started again."""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import psutil

START_WITHIN_S = 60.0


class OwnEngine:
    """A second dockerd beside the one of the machine, with images of its own.

    Attributes
    ----------
    url : str
        Where it listens.
    """

    def __init__(self) -> None:
        # The path of a socket has to be short.
        self._folder = Path(tempfile.mkdtemp(prefix="bif-", dir="/tmp"))
        self._log = self._folder / "log"
        self.url = f"unix://{self._folder}/s"
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def why_not() -> str:
        """Say why there can be none here; nothing where there can."""
        if not hasattr(os, "getuid") or os.getuid() != 0:
            return "only root may start an engine"
        if shutil.which("dockerd") is None or shutil.which("docker") is None:
            return "no dockerd is installed"
        if shutil.which("unshare") is None:
            return "there is no unshare, which gives it a network of its own"
        return ""

    def start(self) -> None:
        """Start it, and wait until it answers."""
        # In a network of its own; without a bridge it would remove that of the machine.
        words = ["unshare", "--net", "dockerd"]
        words += ["--bridge=none", "--iptables=false", "--ip6tables=false"]
        words += [f"--data-root={self._folder}/data", f"--exec-root={self._folder}/run"]
        words += [f"--pidfile={self._folder}/pid", f"--host={self.url}"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.docker("info", timeout_s=START_WITHIN_S)

    def docker(self, *words: str, timeout_s: float = START_WITHIN_S) -> str:
        """Ask it something with the command line; it may still be starting."""
        assert self._process is not None
        command = ["docker", "--host", self.url, *words]
        said = ""
        for _ in range(int(10 * timeout_s)):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if not done.returncode:
                return done.stdout
            said = done.stderr
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(0.1)
                break
        raise AssertionError(f"{said}\n{self._log.read_text('utf-8')[-4000:]}")

    def load(self, image: str) -> None:
        """Give it an image that the machine's engine has."""
        with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as out:
            load = ["docker", "--host", self.url, "load"]
            subprocess.run(load, stdin=out.stdout, check=True, capture_output=True)
        assert out.returncode == 0

    def end(self, how: signal.Signals) -> None:
        """Send it a signal that ends it."""
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(START_WITHIN_S)
        # Its containerd dies with it, a moment later; until somebody has reaped that,
        # the next dockerd would take it for alive and wait for it.
        note = self._folder / "run" / "containerd" / "containerd.pid"
        if note.exists():
            with suppress(psutil.NoSuchProcess):
                psutil.Process(int(note.read_text("ascii"))).kill()
            note.unlink()

    def containers(self) -> list[str]:
        """Return the ids of its containers, without those on their way out."""
        told = self.docker("ps", "--all", "--format", "{{.ID}} {{.State}}").splitlines()
        states = dict(line.split(maxsplit=1) for line in told)
        return [id_ for id_, state in states.items() if state != "removing"]

    def processes(self) -> list[psutil.Process]:
        """Return what runs in its containers.

        An engine that is killed while it makes a container leaves runc behind, which
        waits to be told to start: nothing of the container runs in it.
        """
        found = []
        for shim in self._shims():
            with suppress(psutil.NoSuchProcess):
                found += shim.children(recursive=True)
        return [one for one in found if not _is_unborn(one)]

    def close(self) -> None:
        """Stop it; nothing of it is left."""
        if self._process is not None and self._process.poll() is None:
            self.end(signal.SIGTERM)
        # A killed containerd leaves its own helpers behind.
        for shim in self._shims():
            for one in (*shim.children(recursive=True), shim):
                with suppress(psutil.NoSuchProcess):
                    one.kill()
        mounts = Path("/proc/self/mounts").read_text("utf-8").splitlines()
        places = [line.split()[1] for line in mounts]
        for place in reversed([one for one in places if self._is_below(one)]):
            subprocess.run(["umount", "--lazy", place], check=True)
        shutil.rmtree(self._folder)

    def _is_below(self, place: str) -> bool:
        return Path(place).is_relative_to(self._folder)

    def _shims(self) -> list[psutil.Process]:
        found = []
        for one in psutil.process_iter():
            with suppress(psutil.NoSuchProcess):
                words = one.cmdline()
                is_shim = bool(words) and "containerd-shim" in words[0]
                if is_shim and any(map(self._is_below, words)):
                    found.append(one)
        return found


def _is_unborn(process: psutil.Process) -> bool:
    try:
        return process.name().startswith("runc:[") or process.name() == "runc"
    except psutil.NoSuchProcess:
        return True
