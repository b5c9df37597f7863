"""What is particular to environments; the contract is tested beside this file."""

import os
import py_compile
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import cache_from_source
from pathlib import Path
from threading import Event, Thread

import pytest

from bioimageit_flow.errors import Cancelled, RuntimeUnavailableError
from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.runtimes.environment import EnvironmentRuntime
from bioimageit_flow.runtimes.protocol import Readiness
from bioimageit_flow.runtimes.uv_environment import LockedEnvironment
from bioimageit_flow.testing.runtime import Bench, contract_tool
from tests.integration.runtimes.wheels import make_wheel

pytestmark = pytest.mark.environment

END = os.linesep.encode()


@pytest.fixture
def wheels(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels, the only place where packages come from."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def _tool(folder: Path, lock: str) -> InstalledTool:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "requirements.lock"
    path.write_text(lock, "utf-8")
    return contract_tool(folder, lock=path)


def _bench(tool: InstalledTool, folder: Path) -> Bench:
    runtime = EnvironmentRuntime()
    used = runtime.prepare(tool, lambda _line: None, Event())
    return Bench(runtime, tool, used, folder)


def _refusal(tool: InstalledTool) -> RuntimeUnavailableError:
    """Return why an environment cannot be installed; nothing is left of it."""
    runtime = EnvironmentRuntime()
    with pytest.raises(RuntimeUnavailableError) as caught:
        runtime.prepare(tool, lambda _line: None, Event())
    assert runtime.availability(tool).readiness is Readiness.OBTAINABLE
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    return caught.value


def test_locked_packages_are_installed(wheels: Path, tmp_path: Path) -> None:
    lock = make_wheel(wheels, "spots", "2.1")
    make_wheel(wheels, "spots", "3.0")
    bench = _bench(_tool(tmp_path / "box", lock), tmp_path)
    assert bench.run_code("import spots; print(spots.VERSION)").lines == ["2.1"]
    assert bench.run(command=("spots-program",)).lines == ["spots 2.1"]


def test_libraries_are_compiled_once(wheels: Path, tmp_path: Path) -> None:
    bench = _bench(_tool(tmp_path / "box", make_wheel(wheels, "spots")), tmp_path)
    code = "import shared_module, spots; print(spots.__cached__, spots.__spec__.loader)"
    bench.run_code(code)
    compiled = Path(bench.run_code(code).lines[0].split()[0])
    written = compiled.stat().st_mtime_ns
    bench.run_code(code)
    assert compiled.stat().st_mtime_ns == written


def test_bytecode_beside_a_tool_is_never_run(wheels: Path, tmp_path: Path) -> None:
    bench = _bench(_tool(tmp_path / "box", "# nothing\n"), tmp_path)
    assert bench.tool.library is not None
    source = bench.tool.library / "shared_module.py"
    planted = Path(cache_from_source(str(source)))
    planted.parent.mkdir()
    evil = tmp_path / "evil.py"
    evil.write_text("VALUE = 2\n", "utf-8")
    os.utime(evil, ns=(source.stat().st_mtime_ns,) * 2)
    py_compile.compile(str(evil), cfile=str(planted), doraise=True)
    ran = bench.run_code("import shared_module; print(shared_module.VALUE)")
    assert ran.lines == ["1"]
    assert [path.name for path in bench.tool.library.iterdir() if path.is_file()] == [
        "shared_module.py"
    ]


def test_environment_has_nothing_of_the_program_s_own(
    wheels: Path, tmp_path: Path
) -> None:
    bench = _bench(_tool(tmp_path / "box", "# nothing\n"), tmp_path)
    ran = bench.run_code("import bioimageit_flow")
    assert ran.outcome.exit_code == 1
    assert "No module named 'bioimageit_flow'" in ran.lines[-1]


def test_identity_is_the_hash_of_the_lock(wheels: Path, tmp_path: Path) -> None:
    tool = _tool(tmp_path / "box", "# abc\n")
    runtime = EnvironmentRuntime()
    before = runtime.availability(tool)
    assert before.readiness is Readiness.OBTAINABLE
    assert before.used is not None
    assert before.used.identity == f"lock sha256:{sha256(b'# abc' + END).hexdigest()}"
    assert "requirements.lock of contract, Python 3." in before.used.detail
    assert runtime.prepare(tool, lambda _line: None, Event()) == before.used


def test_environment_is_shared_by_equal_locks(wheels: Path, tmp_path: Path) -> None:
    first = _bench(_tool(tmp_path / "a", "# same\n"), tmp_path)
    lines: list[str] = []
    runtime = EnvironmentRuntime()
    second = _tool(tmp_path / "b", "# same\n")
    assert runtime.availability(second).readiness is Readiness.READY
    assert runtime.prepare(second, lines.append, Event()) == first.used
    assert lines == []


def test_package_that_is_not_the_locked_one_is_refused(
    wheels: Path, tmp_path: Path
) -> None:
    make_wheel(wheels, "spots", "1.0")
    lock = f"spots==1.0 --hash=sha256:{'0' * 64}\n"
    error = _refusal(_tool(tmp_path / "box", lock))
    assert "not the one in the lock file" in error.message


def test_lock_without_hashes_is_refused(wheels: Path, tmp_path: Path) -> None:
    make_wheel(wheels, "spots", "1.0")
    error = _refusal(_tool(tmp_path / "box", "spots==1.0\n"))
    assert "lacks packages or hashes" in error.message
    assert "spots==1.0" in error.remedy


def test_incomplete_lock_is_refused(wheels: Path, tmp_path: Path) -> None:
    lock = make_wheel(wheels, "spots", "1.0", requires="filters>=1")
    make_wheel(wheels, "filters", "1.0")
    error = _refusal(_tool(tmp_path / "box", lock))
    assert "lacks packages or hashes" in error.message
    assert "filters" in error.remedy


def test_wheel_for_other_machines_only_is_refused(wheels: Path, tmp_path: Path) -> None:
    lock = make_wheel(wheels, "spots", tag="cp27-cp27m-win32")
    error = _refusal(_tool(tmp_path / "box", lock))
    assert "no wheel for Python 3." in error.message
    assert "container engine" in error.remedy


def test_source_package_is_never_built(wheels: Path, tmp_path: Path) -> None:
    (wheels / "spots-1.0.tar.gz").write_bytes(b"setup.py would run here")
    lock = f"spots==1.0 --hash=sha256:{'0' * 64}\n"
    error = _refusal(_tool(tmp_path / "box", lock))
    assert "no wheel" in error.message


def test_index_out_of_reach_is_said(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    lock = f"spots==1.0 --hash=sha256:{'0' * 64}\n"
    error = _refusal(_tool(tmp_path / "box", lock))
    assert error.message.endswith("the package index could not be reached.")
    assert "PIP_INDEX_URL" in error.remedy


@pytest.fixture
def stalled_index(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Event, Event]]:
    """An index that takes a question and answers when told: (asked, answers)."""
    asked, answers = Event(), Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.set()
            answers.wait()
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield asked, answers
    answers.set()
    server.shutdown()
    server.server_close()
    thread.join()


def test_install_can_be_cancelled(
    stalled_index: tuple[Event, Event], tmp_path: Path
) -> None:
    asked, _ = stalled_index
    tool = _tool(tmp_path / "box", f"spots==1.0 --hash=sha256:{'0' * 64}\n")
    runtime = EnvironmentRuntime()
    with pytest.raises(Cancelled):
        runtime.prepare(tool, lambda _line: None, asked)
    assert runtime.availability(tool).readiness is Readiness.OBTAINABLE


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_install_that_was_killed_is_made_again(
    stalled_index: tuple[Event, Event],
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, answers = stalled_index
    lock = make_wheel(tmp_path / "wheels", "spots")
    tool = _tool(tmp_path / "box", lock)
    code = (
        "import sys; from pathlib import Path; from threading import Event\n"
        "from bioimageit_flow.runtimes.uv_environment import *\n"
        "lock, cache = (Path(path) for path in sys.argv[1:])\n"
        "LockedEnvironment.of_lock(lock.read_bytes(), cache).install(\n"
        "    'spots', lambda _line: None, Event())\n"
    )
    arguments = [str(tool.lock), str(cache / "environments")]
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments], start_new_session=True
    ) as killed:
        assert asked.wait(60)
        os.killpg(killed.pid, signal.SIGKILL)
    answers.set()
    half = [path for path in (cache / "environments").iterdir() if path.is_dir()]
    assert half  # it had begun
    runtime = EnvironmentRuntime()
    assert runtime.availability(tool).readiness is Readiness.OBTAINABLE
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    bench = _bench(tool, tmp_path)
    assert bench.run_code("import spots").outcome.exit_code == 0


def test_several_who_want_the_same_install_it_once(
    wheels: Path, tmp_path: Path
) -> None:
    tool = _tool(tmp_path / "box", make_wheel(wheels, "spots"))
    lines: list[str] = []
    runtimes = [EnvironmentRuntime() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        used = set(
            pool.map(lambda one: one.prepare(tool, lines.append, Event()), runtimes)
        )
    assert len(used) == 1
    assert sum("Installing the environment" in line for line in lines) == 1


def test_lock_that_changes_during_a_run_changes_nothing(
    wheels: Path, tmp_path: Path
) -> None:
    tool = _tool(tmp_path / "box", make_wheel(wheels, "spots", "1.0"))
    bench = _bench(tool, tmp_path)
    assert tool.lock is not None
    tool.lock.write_text(make_wheel(wheels, "spots", "2.0"), "utf-8")
    ran = bench.run_code("import spots; print(spots.VERSION)")
    assert ran.lines == ["1.0"]
    # A process that did not prepare it cannot know the old lock.
    late = Bench(EnvironmentRuntime(), tool, bench.used, tmp_path / "late")
    with pytest.raises(RuntimeUnavailableError, match="was changed during the run"):
        late.run_code("pass")


def test_environment_removed_during_a_run_is_said(
    wheels: Path, cache: Path, tmp_path: Path
) -> None:
    bench = _bench(_tool(tmp_path / "box", "# nothing\n"), tmp_path)
    for marker in cache.glob("environments/*/ready.json"):
        marker.unlink()
    with pytest.raises(RuntimeUnavailableError, match="no longer complete") as caught:
        bench.run_code("pass")
    assert "installed anew" in caught.value.remedy


def test_container_only_tool_says_so(cache: Path, tmp_path: Path) -> None:
    tool = contract_tool(tmp_path)
    found = EnvironmentRuntime().availability(tool)
    assert "runs in its container only" in found.reason
    gone = replace(tool, lock=tmp_path / "gone.lock")
    found = EnvironmentRuntime().availability(gone)
    assert "gone.lock cannot be read" in found.reason


def test_cache_that_cannot_be_written_is_said(
    wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder", "utf-8")
    monkeypatch.setenv("BIOIMAGEIT_FLOW_CACHE", str(tmp_path / "file"))
    error = _refusal(_tool(tmp_path / "box", "# nothing\n"))
    assert "cannot be made in" in error.message
    assert "BIOIMAGEIT_FLOW_CACHE" in error.remedy


def test_environment_depends_on_the_lock_and_the_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = LockedEnvironment.of_lock(b"a", tmp_path)
    assert LockedEnvironment.of_lock(b"a", tmp_path) == one
    assert LockedEnvironment.of_lock(b"b", tmp_path).folder != one.folder
    monkeypatch.setattr("platform.python_version", lambda: "3.99.0")
    assert LockedEnvironment.of_lock(b"a", tmp_path).folder != one.folder


def test_doctor_counts_environments(wheels: Path, tmp_path: Path) -> None:
    runtime = EnvironmentRuntime()
    topics = {finding.topic: finding for finding in runtime.diagnose()}
    assert topics["uv"].is_good
    assert "No environment is installed yet" in topics["environments"].text
    _bench(_tool(tmp_path / "box", "# nothing\n"), tmp_path)
    found = {finding.topic: finding for finding in runtime.diagnose()}
    assert found["environments"].text.startswith("contract: ")


def test_job_folder_with_spaces_and_letters(wheels: Path, tmp_path: Path) -> None:
    folder = tmp_path / "Ordner für Bilder (1)"
    folder.mkdir()
    bench = _bench(_tool(folder / "box", "# nothing\n"), folder)
    assert bench.run("copy", "{data}", "{result}").outcome.exit_code == 0
    assert bench.look()["folder"].startswith(str(folder))
