import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import imagecodecs
import pytest

from bioimageit_flow.errors import DataError
from bioimageit_flow.session import Run
from bioimageit_flow.session.report import (
    Assumptions,
    ReportOptions,
    built_in_template,
    make_report,
)
from bioimageit_flow.testing.in_process import InProcessJob
from bioimageit_flow.workflow import Workflow
from tests.integration.cli.conftest import Say
from tests.integration.engine.lab import CSV, IMAGE, Lab


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += f" {data.strip()}"


@pytest.fixture
def run(lab: Lab) -> Run:
    lab.add_tool(
        "measure",
        {
            "inputs": {"image": IMAGE},
            "outputs": {"table": CSV},
            "parameters": {"scale": {"type": "float", "default": 2.0, "unit": "um"}},
            "methods": "Values were measured at {scale} µm and {{kept}}.",
            "citations": ["doi:10.1109/34.87344"],
        },
    )
    lab.session = type(lab.session)([lab.folder / "tools"], runtimes=[lab.runtime])
    lab.experiment.session = lab.session
    for number in range(1, 5):
        name = f"{'control' if number < 3 else 'drug'}_{number}.ome.tif"
        lab.image(number, name)
    lab.experiment.import_files(
        sorted((lab.folder / "images").iterdir()),
        from_name=r"(?P<condition>[a-z]+)_(?P<n>\d+)",
    )
    return lab.run(lab.line())


def test_report_needs_nothing_else(run: Run) -> None:
    page = Page(make_report(run))
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "iframe", "object", "embed"}
    for tag, attributes in page.tags:
        source = attributes.get("src") or ""
        assert source.startswith("data:") or not source, (tag, source)
    policies = [one for tag, one in page.tags if tag == "meta" and "content" in one]
    assert any("default-src 'none'" in (one["content"] or "") for one in policies)


def test_report_tells_what_was_done(run: Run) -> None:
    words = " ".join(Page(make_report(run)).words.split())
    assert "4 images were analysed with BioImageIT Flow" in words
    assert "by the workflow “Line”." in words
    assert "Values were measured at 2 µm and {kept}." in words
    assert "add was done with test/add version 1.0.0 (amount 10)." in words
    assert "10.1109/34.87344" in words
    assert "@article{ref1_10_1109_34_87344" in words
    assert "Nothing failed, and nothing was excluded." in words
    assert "control_1.ome.tif" in words
    assert "measure.table by condition" in words


def test_report_gives_means_by_condition(run: Run) -> None:
    words = " ".join(Page(make_report(run)).words.split())
    # control has the values 11 and 12, drug 13 and 14
    assert "mean of value 11.5 ± 0.71 (2) 13.5 ± 0.71 (2)" in words


def test_wide_tables_are_whole_on_paper(lab: Lab) -> None:
    """Eight columns beside each other, the next ones below: nothing is cut."""

    def wide(job: InProcessJob) -> None:
        names = ",".join(f"channel_{n}" for n in range(19))
        job.output("table").write_text(f"value,{names}\n{','.join('7' * 20)}\n")

    lab.functions["test/measure"] = wide
    lab.import_images(1)
    page = make_report(lab.run(lab.line()))

    paper = page[page.index('<div class="paper">') :].partition("</div>")[0]
    assert re.findall(r"\(columns (\d+ to \d+) of 20", paper) == [
        *("1 to 8", "9 to 16", "17 to 20")
    ]
    heads = re.findall("<th>(.*?)</th>", paper)
    assert heads == ["value", *(f"channel_{n}" for n in range(19))]
    assert len(re.findall("<td>7</td>", paper)) == 20


def test_thumbnails_are_pictures(run: Run) -> None:
    text = make_report(run, ReportOptions(thumbnails=2))
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', text)
    assert len(found) == 2
    assert imagecodecs.png_decode(base64.b64decode(found[0])).shape == (4, 4, 3)


def test_report_tells_failures(lab: Lab, run: Run) -> None:
    def fail(job: InProcessJob) -> int:
        job.say("<b>no</b> luck")
        return 3

    lab.functions["test/measure"] = fail
    failed = lab.run(lab.line(), set={"add.amount": 50})
    text = make_report(failed)
    words = " ".join(Page(text).words.split())
    assert "4 of 8 processing steps failed" in words
    assert "failed, tool error" in words
    assert "<b>no</b>" not in text


def test_one_failed_step_is_told_in_good_english(lab: Lab, run: Run) -> None:
    def fail(_job: InProcessJob) -> int:
        return 3

    lab.functions["test/measure"] = fail
    failed = lab.run(
        lab.line(), bind={"images": "raw where n = 1"}, set={"add.amount": 50}
    )
    words = " ".join(Page(make_report(failed)).words.split())
    assert "1 of 2 processing steps failed, and what depended on it was" in words


def test_report_tells_what_took_part_before_it_was_excluded(lab: Lab, run: Run) -> None:
    """An item stands in the results of runs that came before its exclusion."""
    first = lab.experiment.items("raw")[0]
    lab.experiment.exclude([first], "out of focus")
    kept_out = "Kept out of runs by hand: item dataset why"
    took_part = (
        "Took part in this run, and was excluded by hand afterwards: item dataset why"
    )
    row = f"{first.name} raw out of focus"

    before = " ".join(Page(make_report(run)).words.split())
    assert f"{took_part} {row}" in before
    assert kept_out not in before

    after = " ".join(Page(make_report(lab.run(lab.line()))).words.split())
    assert f"{kept_out} {row}" in after
    assert took_part not in after


def test_estimate_follows_its_assumptions(run: Run) -> None:
    assumed = Assumptions(core_w=0, memory_w_per_gib=0)
    words = Page(make_report(run, ReportOptions(assumptions=assumed))).words
    assert "Estimated energy: 0 Wh" in " ".join(words.split())
    assert "An estimate, not a measurement" in words


def test_names_of_strangers_stay_text(lab: Lab) -> None:
    lab.import_images(1)
    named = {"name": "<script>alert(1)</script>"}
    document = lab.line().document.model_copy(update=named)
    run = lab.run(Workflow.of(document, catalogue=lab.session.catalogue))
    text = make_report(run)
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_template_may_extend_the_built_in_one(lab: Lab, run: Run, flow: Say) -> None:
    Path("own.j2").write_text(
        '{% extends "report.html.j2" %}'
        "{% block methods %}Mine: {{ run.name }}{% endblock %}"
    )
    place = lab.experiment.path
    said = flow("report", "last", "own.html", "-e", place, "--template", "own.j2")
    assert said.code == 0
    text = Path("own.html").read_text("utf-8")
    assert "Mine: Line" in text
    assert "were analysed with" not in text


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ no_such_name }}", "'no_such_name' is undefined"),
        ("{% if %}", "cannot be read"),
        ("{{ run.__class__.__mro__ }}", "cannot be filled in"),
        ("{{ ''.__class__ }}", "cannot be filled in"),
        ('{% include "/etc/passwd" %}', "cannot be filled in"),
        ("{{ 1 / 0 }}", "cannot be filled in"),
        ("{{ range(100000000) | list }}", "cannot be filled in"),
        ("{{ methods.clear() }}", "cannot be filled in"),
    ],
)
def test_bad_templates_are_named(run: Run, template: str, words: str) -> None:
    with pytest.raises(DataError, match=re.escape(words)):
        make_report(run, ReportOptions(template=template))


def test_command_writes_into_the_folder_of_the_run(
    lab: Lab, run: Run, flow: Say
) -> None:
    said = flow("report", "-e", lab.experiment.path)
    assert said.code == 0
    path = lab.experiment.path / "runs" / run.summary.id / "report.html"
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_command_prints_its_template(lab: Lab, flow: Say) -> None:
    assert flow("report", "--print-template").out == built_in_template()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["none-such"], 8, "none-such"),
        (["last", "report.PDF"], 4, "print it as PDF"),
        (["last", "no/folder/r.html"], 4, "cannot be written"),
        (["last", "r.html", "--template", "gone.j2"], 4, "'gone.j2' cannot be read"),
    ],
)
def test_bad_input_is_named(
    lab: Lab, run: Run, flow: Say, arguments: list[str], code: int, words: str
) -> None:
    said = flow("report", *arguments, "-e", lab.experiment.path)
    assert said.code == code
    assert words in said.err


def test_report_survives_a_result_that_is_gone(lab: Lab, run: Run) -> None:
    run.results("join", "table")[0].path.unlink()
    with lab.experiment.open(lab.experiment.path, session=lab.session) as again:
        text = make_report(again.find_run("last"))
    assert "cannot be read any more" in text
