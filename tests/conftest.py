import os
import signal
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from bioimageit_flow.stores.server import Server, new_server
from tests.private_postgres import REQUIRED, PrivateServer, binaries

if TYPE_CHECKING:
    from tests.integration.provenance.validator import Validator

try:
    import PySide6.QtWidgets  # noqa: F401
except ImportError as error:  # no Qt, or a library that it needs is missing
    if os.environ.get("BIOIMAGEIT_FLOW_REQUIRE_WINDOW"):
        raise
    QT_FAULT = str(error)
    collect_ignore = ["gui"]
else:
    QT_FAULT = ""
    os.environ["PYTEST_QT_API"] = "pyside6"
    pytest_plugins = ["pytestqt.plugin"]

# How long an example takes says something of the machine, nothing of the program.
settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")

# The contract tests are part of the package; their assertions explain themselves too.
pytest.register_assert_rewrite("bioimageit_flow.testing")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that runs the tests in the background ignores Ctrl-C for them, and for the
    # processes whose Ctrl-C they test.
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # so does nohup with hang-ups


def pytest_report_header() -> list[str]:
    if not QT_FAULT:
        return []
    return [f"the tests of the window are left out, as Qt cannot be loaded: {QT_FAULT}"]


@pytest.fixture(scope="session", autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests out of the settings of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        place = tmp_path_factory.mktemp("settings")
        patch.setenv("BIOIMAGEIT_FLOW_CONFIG", str(place))
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PrivateServer]:
    """Give one server to all tests; each makes an experiment of its own in it."""
    programs = binaries()
    if programs is None:
        if REQUIRED:
            pytest.fail("initdb of PostgreSQL is missing, and must not be")
        pytest.skip("PostgreSQL is not installed here")
    if find_spec("psycopg") is None:
        if REQUIRED:
            pytest.fail("psycopg is missing, and must not be")
        pytest.skip("psycopg is not installed here")
    server = PrivateServer(programs)
    yield server
    server.remove()


@pytest.fixture
def server_place(postgres_server: PrivateServer, tmp_path: Path) -> Server:
    """Give the place of a new experiment on the server."""
    return new_server(postgres_server.url(), tmp_path, "An experiment")


@pytest.fixture(scope="session")
def validator(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Validator]":
    """Give the independent validator of crates, one process for all tests."""
    from tests.integration.provenance.validator import CONTEXTS, Validator

    validator = Validator.install(tmp_path_factory.mktemp("validator"), CONTEXTS)
    yield validator
    validator.close()
