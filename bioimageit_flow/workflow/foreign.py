"""Workflows of other programs, known by what they look like; none of them is read."""

from typing import Final

_HEAD: Final = 2000

_KEYS: Final[tuple[tuple[str, str], ...]] = (
    ("a_galaxy_workflow", "Galaxy"),
    ("cwlVersion", "CWL"),
    ("last_node_id", "ComfyUI"),
)
_WORDS: Final[tuple[tuple[str, str], ...]] = (
    ("knime.org", "KNIME"),
    ("<scheme", "Orange"),
)


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
        return next((name for key, name in _KEYS if key in value), "")
    if isinstance(value, list):
        known = [one for one in value if isinstance(one, dict)]
        if known and all({"id", "type"} <= one.keys() for one in known):
            return "Node-RED"
        return ""
    head = text[:_HEAD]
    return next((name for word, name in _WORDS if word in head), "")
