"""Workflows of other programs, known by what they look like; none of them is read."""

from pathlib import Path
from typing import Final

from bioimageit_flow.errors import WorkflowError
from bioimageit_flow.model.yaml_text import MAX_CHARACTERS, YamlTextError, read_yaml

_HEAD: Final = 2000

_ENDINGS: Final[dict[str, str]] = {
    ".cppipe": "CellProfiler",
    ".cpproj": "CellProfiler",
    ".cwl": "CWL",
    ".ga": "Galaxy",
    ".jip": "JIPipe",
    ".knar": "KNIME",
    ".knime": "KNIME",
    ".knwf": "KNIME",
    ".nf": "Nextflow",
    ".ows": "Orange",
    ".smk": "Snakemake",
    ".wdl": "WDL",
}
_NAMES: Final = {"Snakefile": "Snakemake"}

_KEYS: Final[tuple[tuple[str, str], ...]] = (
    ("a_galaxy_workflow", "Galaxy"),
    ("cwlVersion", "CWL"),
    ("last_node_id", "ComfyUI"),
    ("CellProfiler Pipeline", "CellProfiler"),
)
_WORDS: Final[tuple[tuple[str, str], ...]] = (
    ("knime.org", "KNIME"),
    ("<scheme", "Orange"),
    ("CellProfiler Pipeline:", "CellProfiler"),
)


def foreign_workflow(origin: str, program: str) -> WorkflowError:
    """Return what to say of a workflow of another program.

    Parameters
    ----------
    origin : str
        What it is called, such as its path.
    """
    return WorkflowError(
        f"{origin} is a workflow of {program}, which this program does not read.",
        remedy="Draw it anew: the palette finds tools by what they do.",
    )


def program_of_file(path: Path) -> str:
    """Return the name of the program whose workflow a file is; empty if it is unknown.

    By its name, or else by what it holds; a file that cannot be read is unknown.
    """
    known = _NAMES.get(path.name) or _ENDINGS.get(path.suffix.lower())
    if known:
        return known
    try:
        if not path.is_file() or path.stat().st_size > MAX_CHARACTERS:
            return ""
        text = path.read_text(encoding="utf-8-sig")
        return program_of(read_yaml(text), text)
    except YamlTextError:
        return program_of(None, text)
    except (OSError, UnicodeDecodeError):
        return ""


def program_of(value: object, text: str) -> str:
    """Return the name of the program whose workflow this is; empty if it is unknown.

    Parameters
    ----------
    value : object
        What the file holds, read as YAML (of which JSON is a part).
    text : str
        The file itself.
    """
    if isinstance(value, dict):
        if value.get("class") == "GalaxyWorkflow":
            return "Galaxy"
        if any(str(key).startswith("jipipe:") for key in value):
            return "JIPipe"
        if value and all(_is_comfy_node(one) for one in value.values()):
            return "ComfyUI"
        return next((name for key, name in _KEYS if key in value), "")
    if isinstance(value, list):
        known = [one for one in value if isinstance(one, dict)]
        if known and all({"id", "type"} <= one.keys() for one in known):
            return "Node-RED"
        return ""
    head = text[:_HEAD]
    return next((name for word, name in _WORDS if word in head), "")


def _is_comfy_node(value: object) -> bool:
    """Say whether a value is a node of ComfyUI as its server takes it."""
    return isinstance(value, dict) and {"class_type", "inputs"} <= value.keys()
