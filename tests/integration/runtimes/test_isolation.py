"""Jobs that try to break out of their container, or into another job.

Each promise of isolation is attacked from a container of its own (``isolation: job``),
from a forked child of a warm worker, and from a warm container of a tool in another
language.
"""

import json
import os
import stat
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import pytest

from bioimageit_flow.model.run import FailureCause
from bioimageit_flow.runtimes.container import ContainerRuntime
from bioimageit_flow.runtimes.engine import Engine
from bioimageit_flow.runtimes.images import LABEL
from bioimageit_flow.testing.runtime import Bench, contract_tool
from bioimageit_flow.testing.runtime_bench import Ran
from tests.integration.runtimes import BASE

pytestmark = [pytest.mark.container, pytest.mark.usefixtures("base_image")]

MODES: dict[str, dict[str, Any]] = {
    "job": {"isolation": "job"},
    "fork": {},
    "command": {"command": ("sh",), "worker": None},
}

TRY = """
import contextlib, ctypes, json, os, pathlib, socket, stat, subprocess, sys, time
came = {}
def attempt(name, action):
    try:
        came[name] = f'done: {action()}'
    except (OSError, subprocess.CalledProcessError) as error:
        came[name] = 'refused'
def told():
    pathlib.Path('/job/out/result/0.txt').write_text(json.dumps(came))
"""


@pytest.fixture
def run() -> str:
    """A name that no other containers carry."""
    return f"test-{uuid4()}"


@pytest.fixture(params=list(MODES))
def bench(
    tmp_path: Path, run: str, request: pytest.FixtureRequest
) -> Iterator["Attacked"]:
    runtime = ContainerRuntime()
    tool = contract_tool(tmp_path / "toolbox", container=BASE, worker="fork")
    tool = replace(tool, tool=tool.tool.model_copy(update=MODES[request.param]))
    used = runtime.prepare(tool, lambda _line: None, Event())
    runtime.begin_run(run, [(tool, used)])
    yield Attacked(Bench(runtime, tool, used, tmp_path), run, request.param)
    runtime.close()


class Attacked:
    """A bench whose jobs do what they like, as far as they can."""

    def __init__(self, bench: Bench, run: str, mode: str) -> None:
        self.bench, self.run, self.mode = bench, run, mode
        self.is_warm = mode != "job"

    def does(self, code: str, **options: object) -> Ran:
        ran = self.bench.run_code(
            TRY + textwrap.dedent(code), labels={"run": self.run}, **options
        )
        assert bool(ran.outcome.worker) is self.is_warm, ran.outcome
        return ran

    def tries(self, code: str, **options: object) -> dict[str, Any]:
        """Return what came of each attempt."""
        ran = self.does(f"{textwrap.dedent(code)}\ntold()\n", **options)
        assert ran.outcome.exit_code == 0, ran.log.decode("utf-8", "replace")
        found: dict[str, Any] = json.loads(ran.result)
        assert found
        return found


def all_refused(came: dict[str, Any]) -> bool:
    return set(came.values()) == {"refused"}


def test_no_network(bench: Attacked) -> None:
    came = bench.tries(
        """
        def connect(family, address):
            with socket.socket(family) as one:
                one.settimeout(2)
                one.connect(address)
        attempt('name', lambda: socket.getaddrinfo('deb.debian.org', 80))
        attempt('internet', lambda: connect(socket.AF_INET, ('1.1.1.1', 53)))
        attempt('host', lambda: connect(socket.AF_INET, ('172.17.0.1', 22)))
        attempt('metadata', lambda: connect(socket.AF_INET, ('169.254.169.254', 80)))
        attempt('engine', lambda: connect(socket.AF_INET, ('172.17.0.1', 2375)))
        attempt('ipv6', lambda: connect(socket.AF_INET6, ('2606:4700::1111', 53)))
        attempt('abstract', lambda: connect(
            socket.AF_UNIX, b'\\0/containerd-shim/moby/shim.sock'))
        attempt('raw', lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3))
        up = [name for name in os.listdir('/sys/class/net') if pathlib.Path(
            '/sys/class/net', name, 'operstate').read_text().strip() == 'up']
        came['interfaces'] = 'refused' if not up else f'done: {up}'
        """
    )
    assert all_refused(came), came


def test_nothing_but_scratch_and_output_can_be_written(bench: Attacked) -> None:
    came = bench.tries(
        """
        found = []
        for folder, folders, files in os.walk('/'):
            if folder in ('/proc', '/sys'):
                folders.clear()
                continue
            if os.access(folder, os.W_OK):
                name = pathlib.Path(folder, 'probe')
                with contextlib.suppress(OSError):
                    name.touch()
                    name.unlink()
                    found.append(folder)
        came['writable'] = sorted(found)
        for path in ('/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger',
                     '/sys/kernel/uevent_helper',
                     '/sys/fs/cgroup/memory/notify_on_release',
                     '/proc/sys/vm/overcommit_memory', '/dev/kmsg', '/dev/mem'):
            attempt(path, lambda: open(path, 'wb').close())
        """
    )
    allowed = {"/tmp", "/dev/shm", "/dev/mqueue", "/job/out", "/job/out/result"}
    assert set(came.pop("writable")) <= allowed
    assert all_refused(came), came


def test_scratch_is_in_memory_and_bounded(bench: Attacked) -> None:
    ran = bench.does(
        """
        import shutil
        print(shutil.disk_usage('/tmp').total)
        with open('/tmp/large', 'wb', 0) as file:
            for _ in range(100):
                file.write(b'x' * 2**20)
        """,
        memory_bytes=2**27,
    )
    assert int(ran.lines[0]) <= 2**26
    assert "No space left on device" in ran.lines[-1]


def staged_from(bench: Attacked, kept: Path, code: str) -> tuple[int | None, str]:
    """Run a job whose input is a file of the experiment."""
    inner = bench.bench
    command = ("python", "-c", TRY + textwrap.dedent(code))
    process = inner.process(command=command, labels={"run": bench.run})
    staged = process.folder / "in/data/0.txt"
    staged.unlink()
    staged.symlink_to(kept)
    outcome = inner.runtime.execute(process)
    return outcome.exit_code, process.log.read_text("utf-8")


def test_file_of_the_experiment_cannot_be_changed(
    bench: Attacked, tmp_path: Path
) -> None:
    kept = tmp_path / "raw" / "kept.tif"
    kept.parent.mkdir()
    kept.write_bytes(b"kept")
    kept.chmod(0o666)
    before = kept.stat()
    code, said = staged_from(
        bench,
        kept,
        """
        path = pathlib.Path('/job/in/data/0.txt')
        assert path.read_bytes() == b'kept'
        def reopened():
            with path.open('rb') as file:
                open(f'/proc/self/fd/{file.fileno()}', 'r+b').write(b'no')
        def through(root):
            pathlib.Path(root + str(path)).write_bytes(b'no')
        attempt('write', lambda: path.write_bytes(b'no'))
        attempt('append', lambda: path.open('ab').write(b'no'))
        attempt('truncate', lambda: os.truncate(path, 0))
        attempt('mode', lambda: path.chmod(0o777))
        attempt('owner', lambda: os.chown(path, os.getuid(), os.getgid()))
        attempt('time', lambda: os.utime(path, (0, 0)))
        attempt('attribute', lambda: os.setxattr(path, 'user.a', b'no'))
        attempt('remove', path.unlink)
        attempt('move', lambda: path.rename('/job/out/result/0.txt'))
        attempt('exchange', lambda: os.rename('/job/in/data', '/job/in/other'))
        attempt('link to output', lambda: os.link(path, '/job/out/result/linked'))
        attempt('link to scratch', lambda: os.link(path, '/tmp/linked'))
        attempt('link beside', lambda: os.link(path, '/job/in/data/1.txt'))
        attempt('open again', reopened)
        for process in sorted(p.name for p in pathlib.Path('/proc').iterdir()
                              if p.name.isdigit()):
            attempt(f'root of {process}', lambda: through(f'/proc/{process}/root'))
        libc = ctypes.CDLL(None, use_errno=True)
        def mount(source, flags):
            if libc.mount(source, b'/job/in', None, flags, None):
                raise OSError(ctypes.get_errno(), 'mount')
        attempt('remount', lambda: mount(None, 32 | 4096))
        attempt('bind', lambda: mount(b'/tmp', 4096))
        print(json.dumps(came))
        """,
    )
    assert code == 0, said
    came = json.loads(said.splitlines()[-1])
    assert len(came) > 15
    assert all_refused(came), came
    after = kept.stat()
    assert kept.read_bytes() == b"kept"
    for fact in ("st_mode", "st_uid", "st_gid", "st_mtime_ns", "st_ino"):
        assert getattr(after, fact) == getattr(before, fact), fact


def test_no_other_path_of_the_host_is_visible(bench: Attacked, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of the caller", "utf-8")
    came = bench.tries(
        f"""
        attempt('folder of the job on the host', pathlib.Path({str(tmp_path)!r}).stat)
        attempt('through the parent', lambda: pathlib.Path(
            '/proc/1/root{tmp_path}/secret').read_text())
        attempt('up from the input', lambda: pathlib.Path(
            '/job/in/../../../../../..{tmp_path}/secret').read_text())
        attempt('home', lambda: os.listdir({str(Path.home() / ".ssh")!r}))
        mounts = [line.split() for line in open('/proc/self/mountinfo')]
        came['mounts'] = sorted(m[4] for m in mounts if not m[4].startswith(
            ('/proc', '/sys', '/dev')))
        came['writable'] = sorted(m[4] for m in mounts if 'rw' in m[5].split(',')
            and not m[4].startswith(('/proc', '/sys', '/dev')))
        """
    )
    seen, writable = set(came.pop("mounts")), set(came.pop("writable"))
    ours = {"/job", "/job/out", "/job/in", "/job/job.json", "/tool", "/flow"}
    engines = {"/etc/resolv.conf", "/etc/hostname", "/etc/hosts", "/run/.containerenv"}
    engines |= {"/usr/sbin/docker-init", "/sbin/docker-init", "/run/podman-init"}
    # Podman writes the job's user into copies of these, and has the others closed.
    engines |= {"/etc/passwd", "/etc/group", "/run", "/var/tmp"}
    assert seen <= {"/", "/tmp", "/toolbox/lib"} | ours | engines, seen
    assert writable == {"/tmp", "/job/out"}, writable
    assert all_refused(came), came


def test_engine_cannot_be_reached(bench: Attacked) -> None:
    came = bench.tries(
        """
        for name in ('/var/run/docker.sock', '/run/docker.sock', '/var/lib/docker',
                     '/run/podman/podman.sock', '/run/containerd/containerd.sock'):
            attempt(name, pathlib.Path(name).stat)
        sockets = []
        for folder, folders, files in os.walk('/'):
            if folder == '/proc':
                folders.clear()
                continue
            for name in files:
                with contextlib.suppress(OSError):
                    if stat.S_ISSOCK(os.lstat(os.path.join(folder, name)).st_mode):
                        sockets.append(os.path.join(folder, name))
        came['sockets'] = 'refused' if not sockets else f'done: {sockets}'
        """
    )
    assert all_refused(came), came


def test_job_has_no_rights_and_can_gain_none(bench: Attacked) -> None:
    came = bench.tries(
        """
        status = dict(line.split(':\\t', 1) for line in open('/proc/self/status'))
        came['capabilities'] = [int(status[f'Cap{one}'], 16) for one in
                                ('Inh', 'Prm', 'Eff', 'Bnd', 'Amb')]
        came['new privileges'] = status['NoNewPrivs'].strip()
        came['seccomp'] = status['Seccomp'].strip()
        came['ids'] = [*os.getresuid(), *os.getresgid()]
        programs = []
        for folder, folders, files in os.walk('/usr'):
            for name in files:
                path = os.path.join(folder, name)
                if os.lstat(path).st_mode & stat.S_ISUID:
                    programs.append(path)
        came['programs that would give rights'] = programs
        import shutil
        shutil.copy('/usr/bin/id', '/tmp/id')
        os.chmod('/tmp/id', 0o6755)
        own = subprocess.check_output(['/tmp/id', '-u'])
        came['own program'] = own.decode().strip()
        """
    )
    assert came["capabilities"] == [0] * 5
    assert came["new privileges"] == "1"
    assert came["seccomp"] == "2"
    assert 0 not in came["ids"]
    if hasattr(os, "getuid") and os.getuid() == 0:
        assert set(came["ids"]) == {65532}
    assert came["own program"] == str(came["ids"][0])


def test_files_belong_to_the_caller_whatever_the_job_did(bench: Attacked) -> None:
    ran = bench.does(
        """
        out = pathlib.Path('/job/out/result')
        (out / '0.txt').write_text('x')
        (out / 'deep' / 'er').mkdir(parents=True)
        (out / 'deep' / 'er' / 'file').write_text('x')
        (out / 'deep' / 'er' / 'file').chmod(0)
        (out / 'deep' / 'er').chmod(0)
        (out / 'set').write_text('x')
        (out / 'set').chmod(0o6777)
        (out / 'to-host').symlink_to('/etc/passwd')
        os.mkfifo(out / 'pipe')
        """
    )
    assert ran.outcome.exit_code == 0, ran.log
    for path in (ran.out, *ran.out.rglob("*")):
        found = path.lstat()
        assert (found.st_uid, found.st_gid) == (os.getuid(), os.getgid()), path
        assert stat.S_IMODE(found.st_mode) & 0o7000 == 0 or path.is_symlink(), path
    assert (ran.out / "result/deep/er/file").read_text() == "x"
    assert Path("/etc/passwd").stat().st_uid == 0


def test_limits_hold(bench: Attacked) -> None:
    many = bench.does(
        """
        count = 0
        with contextlib.suppress(OSError):
            while count < 5000:
                if os.fork() == 0:
                    time.sleep(600)
                count += 1
        print(count)
        """,
        memory_bytes=2**30,
    )
    assert 50 < int(many.lines[-1]) < 1100
    quota = bench.does(
        """
        for name in ('cpu.max', 'cpu/cpu.cfs_quota_us'):
            path = pathlib.Path('/sys/fs/cgroup', name)
            if path.exists(): print(path.read_text().split()[0])
        """,
        cpu=1,
    )
    assert quota.lines == ["100000"]
    large = bench.does("held = b'x' * 2**29\ntime.sleep(60)", memory_bytes=2**27)
    assert large.outcome.cause is FailureCause.OUT_OF_MEMORY
    late = bench.does("time.sleep(600)", time_s=1.0)
    assert late.outcome.cause is FailureCause.TIME_LIMIT
    assert bench.does("print('alive')").lines == ["alive"]


def test_job_that_ignores_every_signal_is_ended(bench: Attacked) -> None:
    code = """
    import signal
    for number in range(1, 65):
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)
    print('deaf', flush=True)
    while True:
        time.sleep(60)
    """
    assert bench.does(code, time_s=1.0).outcome.cause is FailureCause.TIME_LIMIT
    cancel = Event()
    stopped = bench.does(code, cancel=cancel, on_line=lambda _line: cancel.set())
    assert stopped.outcome.cancelled
    assert bench.does("print('alive')").lines == ["alive"]


def test_variables_of_the_host_are_not_there(
    bench: Attacked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "the-secret-of-the-caller")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-secret-of-the-caller")
    came = bench.tries(
        """
        text = ''
        for process in pathlib.Path('/proc').iterdir():
            for name in ('environ', 'cmdline'):
                with contextlib.suppress(OSError):
                    text += (process / name).read_text('utf-8', 'replace')
        came['secret'] = '-'.join(['the', 'secret', 'of', 'the', 'caller']) in text
        came['length'] = len(text)
        """
    )
    assert came["secret"] is False
    assert int(came["length"]) > 100


LITTER = """
for place in ('/tmp', '/dev/shm', '/dev/mqueue', '/job/out/result', '/job/out'):
    with contextlib.suppress(OSError):
        pathlib.Path(place, 'left-by-a-job').write_text('secret of the first job')
libc = ctypes.CDLL(None, use_errno=True)
assert libc.shmget(0x5ec2e7, 4096, 0o1666) >= 0   # IPC_CREAT: outlives its process
libc.msgget(0x5ec2e7, 0o1666)
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
pathlib.Path('/job/out/result/0.txt').write_text('x')
"""

LOOK = """
def found():
    for place in ('/tmp', '/dev/shm', '/dev/mqueue', '/job/in/data', '/job/out/result',
                  '/job/out', '/job'):
        for path in sorted(pathlib.Path(place).iterdir()):
            yield str(path)
came['files'] = list(found())
came['processes'] = sum(p.name.isdigit() for p in pathlib.Path('/proc').iterdir())
came['shared memory'] = [
    name for name in ('shm', 'msg', 'sem')
    if len(open(f'/proc/sysvipc/{name}').readlines()) > 1
]
"""


def test_job_finds_nothing_of_the_job_before(bench: Attacked) -> None:
    clean = bench.tries(LOOK)
    assert bench.does(LITTER).outcome.exit_code == 0
    after = bench.tries(LOOK)
    assert after == clean
    assert after["shared memory"] == []
    assert not [name for name in after["files"] if "left-by-a-job" in name]


def test_jobs_at_once_see_nothing_of_each_other(bench: Attacked) -> None:
    inner, hangs, stop = bench.bench, Event(), Event()
    begin = f"{TRY}\n{LITTER}\nprint('ready', flush=True)\nwhile True: time.sleep(60)\n"
    first = inner.process(
        command=("python", "-c", begin),
        labels={"run": bench.run},
        cancel=stop,
        on_line=lambda _line: hangs.set(),
    )
    (first.folder / "in/data/of-the-first.txt").write_text("secret of the first job")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(inner.runtime.execute, first)
        assert hangs.wait(120)
        came = bench.tries(LOOK)
        assert not running.done()
        stop.set()
        assert running.result().cancelled
    files = came["files"]
    assert not [n for n in files if "left-by-a-job" in n or "of-the-first" in n], files
    assert came["shared memory"] == []
    assert int(came["processes"]) <= 5  # init, the worker, its shell, this job


def test_job_that_kills_all_it_can_disturbs_no_other(bench: Attacked) -> None:
    inner, works, stop = bench.bench, Event(), Event()
    code = f"{TRY}\nprint('works', flush=True)\nwhile True: time.sleep(60)\n"
    quiet = inner.process(
        command=("python", "-c", code),
        labels={"run": bench.run},
        cancel=stop,
        on_line=lambda _line: works.set(),
    )
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(inner.runtime.execute, quiet)
        assert works.wait(120)
        for _ in range(2):
            inner.run_code(
                f"{TRY}\nos.kill(-1, 9)\n", labels={"run": bench.run}, time_s=30.0
            )
        assert not running.done()
        stop.set()
        outcome = running.result()
    assert outcome.cancelled
    assert outcome.note == ""
    assert bench.does("print('alive')").lines == ["alive"]


def test_giant_output_of_text_is_bounded_and_the_cut_is_said(bench: Attacked) -> None:
    ran = bench.does(
        """
        line = b'\\x1b]0;owned\\x07' + b'y' * 65520 + b'\\n'
        for _ in range(1000):
            os.write(1, line)
        os.write(2, b'the last words\\n')
        """
    )
    assert ran.outcome.exit_code == 0
    assert len(ran.log) <= 10 * 2**20
    assert b"bytes left out" in ran.log
    assert b"the last words" in ran.log  # the two streams come at their own pace
    assert all(letter.isprintable() for line in ran.lines[:100] for letter in line)


def test_engine_keeps_no_copy_of_what_jobs_print(
    bench: Attacked, engine: Engine
) -> None:
    seen: list[str] = []

    def look(_line: str) -> None:
        label = f"{LABEL}.run={bench.run}"
        for one in engine.api().containers(all=True, filters={"label": label}):
            facts = engine.api().inspect_container(one["Id"])
            seen.append(facts["HostConfig"]["LogConfig"]["Type"])

    bench.does("print('hello', flush=True)", on_line=look)
    assert set(seen) == {"none"}
