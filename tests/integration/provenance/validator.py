"""The independent validator of RO-Crates, in an environment of its own.

It needs older libraries than the program does. It works offline: the JSON-LD contexts
come from the published files beside the project.
"""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bioimageit_flow.session.crates import CrateOptions
from tests.integration.provenance.foreign import (
    ForeignProgram,
    make_environment,
    program,
    run,
)

_DATA = Path(__file__).parents[4] / "shared" / "data"
CONTEXTS = Path(os.environ.get("BIOIMAGEIT_FLOW_TEST_DATA", _DATA)) / "jsonld-contexts"
"""The published contexts of JSON-LD, which the validator would else fetch."""

VALIDATOR = "roc-validator==0.13.0"
READER = "runcrate==0.6.2"
PROFILE = "provenance-run-crate-0.5"
KNOWN = {
    "process-run-crate-0.5_5.1": "an absolute URL for a workflow, a file of the crate",
    "process-run-crate-0.5_3.2": "a web page for a tool that the user wrote",
}
"""What is recommended and cannot be had."""

KNOWN_OF_SEVERAL = {
    "provenance-run-crate-0.5_17.0": "the check wants every step of a tool to have "
    "every wire that reaches this tool in any workflow",
}
"""The same, where several steps use one tool."""

KNOWN_OF_FAILED = {
    "workflow-run-crate-0.5_7.1": "no file for an output that was never made",
    "process-run-crate-0.5_11.1": "no result of an action that failed",
}
"""The same, where every job of a step failed: nothing was made."""

KNOWN_OF_REUSED = {
    "ro-crate-1.1_28.1": "the validator cannot look for what has a urn: a result that "
    "was reused, whose bytes are another file of the same crate",
}
"""The same, where a file stands for results of several jobs."""

PERSON = CrateOptions(
    person="Josiah Carberry",
    orcid="0000-0002-1825-0097",
    affiliation="Brown University",
    affiliation_url="https://ror.org/05gq02987",
)
"""The person of ORCID's own examples."""

_SEED = """
import io, sys
from pathlib import Path
import requests
from requests_cache import CachedSession
from urllib3 import HTTPResponse

FILES = {
    "https://w3id.org/ro/crate/1.1/context": "ro-crate-1.1.jsonld",
    "https://w3id.org/ro/terms/workflow-run/context": "workflow-run.jsonld",
}

class Published(requests.adapters.BaseAdapter):
    def send(self, request, **_):
        body = (Path(sys.argv[1]) / FILES[request.url]).read_bytes()
        kind = {"Content-Type": "application/ld+json"}
        raw = HTTPResponse(io.BytesIO(body), headers=kind, status=200,
                           preload_content=False)
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = 200, request.url, request
        answer.headers.update(kind)
        answer.raw = raw
        return answer

    def close(self):
        pass

session = CachedSession(sys.argv[2], backend="sqlite", expire_after=-1)
session.mount("https://", Published())
for url in FILES:
    session.get(url)
"""


@dataclass(frozen=True)
class Finding:
    severity: str
    check: str
    message: str
    entity: str


class Validator:
    """The validator with its cache of contexts, loaded once for many crates."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = ForeignProgram(
            folder / "venv", "rocrate_validator.cli.main:cli"
        )
        self._asked = count()

    @classmethod
    def install(cls, folder: Path, contexts: Path) -> "Validator":
        environment = folder / "venv"
        make_environment(environment, VALIDATOR)
        python = str(program(environment, "python"))
        run([python, "-c", _SEED, str(contexts), str(folder / "cache")])
        return cls(folder)

    def begin(self, crate: Path) -> Callable[[], list[Finding]]:
        """Begin to look for everything that is required or recommended.

        Returns
        -------
        callable
            Waits for the end, and returns what is not there.
        """
        report = self._folder / f"report{next(self._asked)}.json"
        wait = self._program.begin(*self._arguments(report, crate))

        def findings() -> list[Finding]:
            answer = wait()
            assert report.exists(), answer
            return _read(report)

        return findings

    def findings(self, crate: Path) -> list[Finding]:
        """Return everything that is required or recommended and not there."""
        return self.begin(crate)()

    def findings_of_command(self, crate: Path) -> list[Finding]:
        """Return the same, from a process that is started for this crate alone."""
        report = self._folder / f"report{next(self._asked)}.json"
        command = str(program(self._folder / "venv", "rocrate-validator"))
        subprocess.run(
            [command, *self._arguments(report, crate)], capture_output=True, check=False
        )
        return _read(report)

    def _arguments(self, report: Path, crate: Path) -> list[str]:
        return [
            *("-y", "validate", "--offline"),
            *("--cache-path", str(self._folder / "cache"), "-p", PROFILE),
            *("-l", "recommended", "--no-paging", "-f", "json", "-o", str(report)),
            str(crate),
        ]

    def close(self) -> None:
        self._program.close()


def _read(report: Path) -> list[Finding]:
    issues = json.loads(report.read_text(encoding="utf-8"))["issues"]
    return [
        Finding(
            issue["severity"],
            issue["check"]["identifier"],
            issue["message"],
            str(issue.get("violatingEntity")),
        )
        for issue in issues
    ]
