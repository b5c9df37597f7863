"""PROV-N is read by a parser that has only the grammar of the W3C."""

import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from bioimageit_flow.session.prov import export_prov
from bioimageit_flow.testing.in_process import InProcessJob
from tests.integration.engine.lab import Lab
from tests.integration.provenance.foreign import make_environment, program

GRAMMAR = Path(__file__).with_name("provn.lark")
PARSER = "lark==1.2.2"
PARSE = """
import json, sys
from pathlib import Path
from lark import Lark

grammar, document = (Path(one).read_text(encoding="utf-8") for one in sys.argv[1:])
tree = Lark(grammar, start="document", parser="lalr").parse(document)
print(json.dumps([one.data for one in tree.children]))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parser") / "venv"
    make_environment(folder, PARSER)
    return program(folder, "python")


def parse(python: Path, document: Path, text: str) -> subprocess.CompletedProcess[str]:
    document.write_text(text, encoding="utf-8")
    command = [str(python), "-c", PARSE, str(GRAMMAR), str(document)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_provn_follows_the_grammar(lab: Lab, python: Path, tmp_path: Path) -> None:
    """With done, failed and reused jobs, decisions, and texts that need care."""
    lab.import_images(3, from_name=r"(?P<größe>[a-z]+)_(?P<n>\d+)")
    first = lab.run(lab.line())
    (item, *_) = lab.experiment.items("raw")
    lab.experiment.annotate(
        [item], {"note": "said \"no\"\n\\ and left; [so] it = 'was'"}
    )
    lab.experiment.exclude([lab.experiment.items("raw")[-1]], "out\tof focus")
    measure = lab.functions["test/measure"]

    def fails(job: InProcessJob) -> int | None:
        return 3 if "image_001" in str(job) else measure(job)

    lab.functions["test/measure"] = fails
    again = lab.run(lab.line(), set={"add.amount": 12})
    for number, run in enumerate((first, again, lab.run(lab.line()))):
        text = export_prov(run, format="provn")
        said = parse(python, tmp_path / f"{number}.provn", text)

        assert said.returncode == 0, said.stderr[-2000:]
        told = Counter(json.loads(said.stdout))
        jobs = run.jobs()
        assert told["namespace"] == 2
        assert told["usage"] >= sum(len(job.consumed) for job in jobs)
        assert told["generation"] == sum(len(job.produced) for job in jobs)
        assert told["activity"] >= 1 + len(jobs)


def test_parser_refuses_what_is_no_provn(
    lab: Lab, python: Path, tmp_path: Path
) -> None:
    lab.import_images(1)
    text = export_prov(lab.run(lab.line()), format="provn")
    for old, new in (("endDocument", ""), ("used(", "used(,"), ("prov:type=", "=")):
        assert old in text
        said = parse(python, tmp_path / "bad.provn", text.replace(old, new, 1))

        assert "Unexpected" in said.stderr
