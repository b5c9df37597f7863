"""The independent validator of RO-Crates, in an environment of its own.

It needs older libraries than the program does. It works offline: the JSON-LD contexts
come from the published files beside the project.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import uv

from bioimageit_flow.session.crates import CrateOptions

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


@dataclass(frozen=True)
class Validator:
    """The validator with its cache of contexts."""

    folder: Path
    contexts: Path

    @classmethod
    def install(cls, folder: Path, contexts: Path) -> "Validator":
        new = cls(folder, contexts)
        make_environment(folder / "venv", VALIDATOR)
        _run(
            [
                str(new.program("python")),
                "-c",
                _SEED,
                str(contexts),
                str(folder / "cache"),
            ]
        )
        return new

    def program(self, name: str) -> Path:
        return program(self.folder / "venv", name)

    def findings(self, crate: Path) -> list[Finding]:
        """Return everything that is required or recommended and not there."""
        report = self.folder / "report.json"
        report.unlink(missing_ok=True)
        command = [
            *(str(self.program("rocrate-validator")), "-y", "validate", "--offline"),
            *("--cache-path", str(self.folder / "cache"), "-p", PROFILE),
            *("-l", "recommended", "--no-paging", "-f", "json", "-o", str(report)),
        ]
        subprocess.run([*command, str(crate)], capture_output=True, check=False)
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


def make_environment(folder: Path, *packages: str) -> None:
    """Make an environment with some packages."""
    _run([uv.find_uv_bin(), "venv", "--quiet", "-p", sys.executable, str(folder)])
    python = str(program(folder, "python"))
    _run([uv.find_uv_bin(), "pip", "install", "--quiet", "-p", python, *packages])


def program(environment: Path, name: str) -> Path:
    if sys.platform == "win32":
        return environment / "Scripts" / f"{name}.exe"
    return environment / "bin" / name


def _run(command: list[str]) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
