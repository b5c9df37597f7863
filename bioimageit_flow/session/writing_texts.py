"""Writing small files whole or not at all."""

import json
from pathlib import Path


def write_json(path: Path, value: object) -> None:
    """Write a value as JSON; raises `OSError`."""
    unfinished = path.with_name(f".{path.name}.part")
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    unfinished.write_text(text, encoding="utf-8", newline="\n")
    unfinished.replace(path)
