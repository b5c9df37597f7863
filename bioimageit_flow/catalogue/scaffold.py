"""A new tool to begin with: complete, with an example that passes its tests."""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Literal, get_args

from bioimageit_flow.catalogue.descriptor import TOOLBOX_FILE, read_toolbox
from bioimageit_flow.errors import DataError, ToolError
from bioimageit_flow.model.described import NAME
from bioimageit_flow.model.naming import safe_name

Language = Literal["python", "other"]

_TEMPLATES = Path(__file__).with_name("templates")
_SUFFIX = ".template"

# A script called like a module would be imported in its place.
_TAKEN_MODULES = frozenset(sys.stdlib_module_names) | {
    "imagecodecs",
    "numpy",
    "ome_image",
    "tifffile",
}
_IMAGE_MODULE = "ome_image.py"
_MAX_PART = 60


@dataclass(frozen=True, slots=True)
class NewTool:
    """What was made.

    Attributes
    ----------
    id : str
        ``toolbox/name``.
    folder : Path
        Of the tool.
    toolbox_folder : Path
        Of its toolbox.
    files : tuple of Path
        All new files, sorted.
    is_new_toolbox : bool
        Whether the toolbox was made too, or was there.
    """

    id: str
    folder: Path
    toolbox_folder: Path
    files: tuple[Path, ...]
    is_new_toolbox: bool


def new_tool(
    id_: str,
    parent: Path,
    *,
    language: Language = "python",
    author: str = "Your name",
) -> NewTool:
    """Make the folder of a new tool, and that of its toolbox where there is none.

    Nothing is ever overwritten, and nothing is left behind when it fails.

    Parameters
    ----------
    id_ : str
        ``toolbox/name`` in lower-case letters, digits and single dashes.
    parent : Path
        The folder of toolboxes, or the folder of the toolbox itself.
    language : str
        ``python``, or ``other`` for any program in a container.
    author : str
        Who writes it.

    Raises
    ------
    ToolError
        If the id cannot be used, the folder is there already, or the toolbox is for
        another language.
    DataError
        If the folder cannot be written.
    """
    if language not in get_args(Language):
        raise ToolError(
            f"There is no template for {language!r}.",
            remedy=f"Choose {' or '.join(get_args(Language))}.",
        )
    toolbox, name = _parts(id_)
    parent = parent.absolute()
    box_folder = parent if _is_toolbox(parent, toolbox) else parent / toolbox
    has_toolbox = _is_toolbox(box_folder, toolbox)
    if box_folder.exists() and not has_toolbox and any(box_folder.iterdir()):
        raise ToolError(
            f"{box_folder} is there already and is no toolbox.",
            remedy=f"Name another folder or another toolbox than {toolbox!r}.",
        )
    if has_toolbox:
        _check_language(box_folder, language)
    folder = box_folder / name
    if folder.exists():
        raise ToolError(
            f"{folder} is there already.",
            remedy=f"Give the tool another name than {name!r}.",
        )
    words = {
        "TOOLBOX": toolbox,
        "TOOL": name,
        "SCRIPT": _script_name(name),
        "TOOLBOX_NAME": json.dumps(_title(toolbox)),
        "TOOL_NAME": json.dumps(_title(name)),
        "AUTHOR": json.dumps(author, ensure_ascii=False),
    }
    texts = dict(_texts(language, box_folder, words, has_toolbox=has_toolbox))
    target = folder if has_toolbox else box_folder
    _write(target, {path.relative_to(target): text for path, text in texts.items()})
    return NewTool(id_, folder, box_folder, tuple(sorted(texts)), not has_toolbox)


def _parts(id_: str) -> tuple[str, str]:
    toolbox, slash, name = id_.partition("/")
    if not slash:
        slug = _slug(id_) or "my-tool"
        raise ToolError(
            f"{id_!r} names no toolbox.",
            remedy=f"Write TOOLBOX/NAME, such as my-tools/{slug}.",
        )
    if not re.fullmatch(f"{NAME}/{NAME}", id_):
        slugs = f"{_slug(toolbox) or 'my-tools'}/{_slug(name) or 'my-tool'}"
        raise ToolError(
            f"{id_!r} cannot be the id of a tool.",
            remedy="Ids have lower-case letters, digits and single dashes, such as "
            f"{slugs}.",
        )
    for part in (toolbox, name):
        if len(part) > _MAX_PART:
            raise ToolError(
                f"{part!r} is longer than {_MAX_PART} characters.", remedy="Shorten it."
            )
        if safe_name(part) != part:
            raise ToolError(
                f"{part!r} cannot be the name of a folder on Windows.",
                remedy=f"Take another name, such as {part}-tool.",
            )
    return toolbox, name


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _title(name: str) -> str:
    return name.replace("-", " ").capitalize()


def _script_name(name: str) -> str:
    script = name.replace("-", "_")
    if script[0].isdigit():
        script = f"tool_{script}"
    return f"{script}_tool" if script in _TAKEN_MODULES else script


def _is_toolbox(folder: Path, id_: str) -> bool:
    path = folder / TOOLBOX_FILE
    if not path.is_file():
        return False
    found = read_toolbox(path).id
    if found != id_ and folder.name == id_:
        raise ToolError(
            f"{path} says that its toolbox is {found!r}.",
            remedy=f"Call the tool {found}/NAME, or correct the file.",
        )
    return found == id_


def _check_language(box_folder: Path, language: Language) -> None:
    has_environment = read_toolbox(box_folder / TOOLBOX_FILE).environment is not None
    if language == "python" and not has_environment:
        raise ToolError(
            f"The toolbox in {box_folder} has no Python environment.",
            remedy="Choose the language 'other', or a toolbox of another name.",
        )
    if language == "other" and has_environment:
        raise ToolError(
            f"The toolbox in {box_folder} has a Python environment, in which another "
            "language would not run.",
            remedy="Choose a toolbox of another name.",
        )


def _texts(
    language: Language, box_folder: Path, words: dict[str, str], *, has_toolbox: bool
) -> Iterator[tuple[Path, str]]:
    """Yield the path of each new file with its text."""
    source = _TEMPLATES / language
    folder = box_folder / words["TOOL"]
    for path in _files_below(source / "tool"):
        yield (
            folder / _target(path.relative_to(source / "tool"), words),
            _fill(path, words),
        )
    if not has_toolbox:
        for path in _files_below(source / "toolbox"):
            target = box_folder / _target(path.relative_to(source / "toolbox"), words)
            yield target, _fill(path, words)
        return
    library = read_toolbox(box_folder / TOOLBOX_FILE).library
    has_module = library and (box_folder / library / _IMAGE_MODULE).is_file()
    if language == "python" and not has_module:
        template = source / "toolbox" / "lib" / f"{_IMAGE_MODULE}{_SUFFIX}"
        yield folder / _IMAGE_MODULE, _fill(template, words)


def _files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob(f"*{_SUFFIX}") if path.is_file())


def _target(path: Path, words: dict[str, str]) -> Path:
    name = path.name.removesuffix(_SUFFIX)
    stem, dot, extension = name.partition(".")
    return path.with_name(
        f"{words['SCRIPT']}{dot}{extension}" if stem == "script" else name
    )


def _fill(path: Path, words: dict[str, str]) -> str:
    text = path.read_text(encoding="utf-8")
    return re.sub(r"@([A-Z_]+)@", lambda found: words[found[1]], text)


def _write(target: Path, texts: dict[Path, str]) -> None:
    """Write a folder beside its place, and move it there when it is complete."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix=".new-", dir=target.parent))
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        for path, text in texts.items():
            (draft / path).parent.mkdir(parents=True, exist_ok=True)
            (draft / path).write_text(text, encoding="utf-8", newline="\n")
        draft.chmod(0o755)
        if target.exists():
            target.rmdir()  # empty: checked before
        draft.rename(target)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise _unwritable(target, error) from error


def _unwritable(target: Path, error: OSError) -> DataError:
    return DataError(
        f"{target} cannot be written ({error.strerror or error}).",
        remedy="Name a folder in which you may write.",
    )
