"""Commands: one list element is one argument, whatever the values hold."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from bioimageit_flow.model.command import (
    Argument,
    ArgumentField,
    CommandValues,
    Each,
    When,
    build_command,
    names_in,
    placeholders,
)

# What shells, option parsers and our own templates could trip over.
NASTY = st.text(alphabet=" \t\n'\"\\$`;|&<>(){}[]*?!~#-=%aé\u2028") | st.sampled_from(
    [
        "--help",
        "-rf",
        "$(reboot)",
        "{labels}",
        "{{",
        "}",
        "a b",
        "",
        "/tool/x",
        "python",
    ]
)


def values(**texts: str) -> CommandValues:
    return CommandValues(texts=texts, items={}, true=frozenset())


@given(NASTY, NASTY)
def test_a_value_is_never_split_and_never_read_as_a_template(
    path: str, label: str
) -> None:
    command = build_command(
        ["prog", "{path}", "--label={label}", "end"], values(path=path, label=label)
    )
    assert command == ["prog", path, f"--label={label}", "end"]


@given(st.lists(NASTY, max_size=4))
def test_each_item_of_a_group_is_one_argument(paths: list[str]) -> None:
    command = build_command(
        ["prog", Each(each="tables", args=("--in", "{item}"))],
        CommandValues(texts={}, items={"tables": paths}, true=frozenset()),
    )
    assert command == ["prog", *(text for path in paths for text in ("--in", path))]


@settings(max_examples=15, deadline=None)
@given(st.lists(NASTY.filter(lambda text: "\0" not in text), min_size=1, max_size=5))
def test_values_arrive_in_a_process_as_they_are(texts: list[str]) -> None:
    names = [f"value_{n}" for n in range(len(texts))]
    script = "import os, sys; os.write(1, os.fsencode('\\0'.join(sys.argv[1:])))"
    template: list[Argument] = ["python", "-c", "{code}", *(f"{{{n}}}" for n in names)]
    filled = CommandValues(
        texts={"code": script, **dict(zip(names, texts, strict=True))},
        items={},
        true=frozenset(),
        python=sys.executable,
    )
    done = subprocess.run(
        build_command(template, filled), capture_output=True, check=True
    )
    assert done.stdout.decode().split("\0") == texts


@given(st.text(alphabet="{}ab_.0- ", max_size=12))
def test_any_template_is_filled_or_refused(template: str) -> None:
    try:
        names = names_in(template)
    except ValueError:
        names = None
    if names is not None:
        texts = values(**dict.fromkeys(names, "X"))
        assert len(build_command(["p", template], texts)) == 2


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{{{a}}}", "{1}"),
        ("{{a}}", "{a}"),
        ("{a}{b}", "12"),
        ("{a.list}", "L"),
        ("no", "no"),
        ("", ""),
    ],
)
def test_doubled_braces_are_literal(template: str, filled: str) -> None:
    texts = {"a": "1", "b": "2", "a.list": "L"}
    command = CommandValues(texts=texts, items={}, true=frozenset())
    assert build_command(["p", template], command) == ["p", filled]


@pytest.mark.parametrize("template", ["{", "}", "{A}", "{a b}", "{a.txt}", "{{a}"])
def test_a_stray_brace_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="is no placeholder; write "):
        placeholders([template])


def test_optional_arguments_are_used_only_where_they_are_true() -> None:
    command: list[Argument] = ["p", When(when="mask", args=("--mask", "{mask}"))]
    texts = {"mask": "/m.tif"}
    on = CommandValues(texts=texts, items={}, true=frozenset({"mask"}))
    assert build_command(command, on) == ["p", "--mask", "/m.tif"]
    assert build_command(command, values()) == ["p"]


@pytest.mark.parametrize(
    ("template", "becomes"),
    [
        ("/tool/a.py", "/home/me/t/a.py"),
        ("/tool", "/home/me/t"),
        ("/tool/tool/a.py", "/home/me/t/tool/a.py"),
        ("/tool/{name}.py", "/home/me/t/x.py"),
        ("/toolbox/a", "/toolbox/a"),
        ("--script=/tool/a.py", "--script=/tool/a.py"),
        ("{path}", "/tool/of/another"),
    ],
)
def test_only_a_leading_tool_folder_is_replaced(template: str, becomes: str) -> None:
    filled = CommandValues(
        texts={"name": "x", "path": "/tool/of/another"},
        items={},
        true=frozenset(),
        tool_folder="/home/me/t",
    )
    assert build_command(["p", template], filled) == ["p", becomes]


def test_python_is_replaced_where_it_is_the_program() -> None:
    filled = CommandValues(
        texts={}, items={}, true=frozenset(), python="/env/bin/python"
    )
    assert build_command(["python", "python"], filled) == ["/env/bin/python", "python"]


def test_placeholders_names_all_that_is_used() -> None:
    command: list[Argument] = [
        "p",
        "--a={a}",
        When(when="b", args=("{c}",)),
        Each(each="d", args=("{item}", "{e}")),
        "{d.list}",
    ]
    assert placeholders(command) == {"a", "b", "c", "d", "e", "d.list"}


def test_a_placeholder_without_value_is_an_error() -> None:
    with pytest.raises(KeyError, match="missing"):
        build_command(["p", "{missing}"], values())


@pytest.mark.parametrize("element", [5, 1.5, True, None, [], {}, {"if": "x"}])
def test_an_element_that_is_no_argument_has_one_complaint(element: object) -> None:
    adapter: TypeAdapter[Argument] = TypeAdapter(ArgumentField)
    with pytest.raises(ValidationError, match="write numbers in quotes") as caught:
        adapter.validate_python(element)
    assert caught.value.error_count() == 1
