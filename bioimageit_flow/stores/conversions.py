"""OME-TIFFs made of other images, kept in the experiment's cache.

``.cache/conversions/<content>/<image>.ome.tif``, with a ``.json`` beside it that says
which reader made it, in which version. It is safe to delete: what is missing is made
again, with the same bytes.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from filelock import FileLock

from bioimageit_flow.formats import Conversion, convert, converter
from bioimageit_flow.model.canonical import canonical_hash
from bioimageit_flow.model.data import NO_CORRECTIONS, Content
from bioimageit_flow.model.naming import safe_name
from bioimageit_flow.stores.places import writing

_FOLDER = "conversions"
_READ_ONLY = 0o444


class ConversionCache:
    """Conversions of one experiment.

    Parameters
    ----------
    cache : Path
        The folder of what can be made again.
    """

    def __init__(self, cache: Path) -> None:
        self._folder = cache / _FOLDER

    def get(
        self,
        source: Path,
        content: Content,
        selector: str,
        form: str,
        corrected: Mapping[str, object] = NO_CORRECTIONS,
    ) -> tuple[Path, Conversion]:
        """Return an image as OME-TIFF, made now or before.

        Parameters
        ----------
        source : Path
            Where the content lies.
        selector : str
            Which image of it; empty for the only one.
        form : str
            Format of the content.
        corrected : mapping
            What its header should have said.

        Raises
        ------
        DataError
            If it is no image, is damaged, or has pixels that OME-TIFF cannot hold.
        StoreError
            If the cache cannot be written.
        """
        place = self._folder / content.sha256
        words = f"{selector or 'image'} {converter(form)}"
        identity = f"{content.sha256} {selector}"
        if corrected:
            digest = canonical_hash(dict(corrected))[:16]
            words, identity = f"{words} {digest}", f"{identity} {digest}"
        name = safe_name(words)
        target, record = place / f"{name}.ome.tif", place / f"{name}.json"
        with writing(place):
            place.mkdir(parents=True, exist_ok=True)
        with FileLock(place / f"{name}.lock"):  # one job at a time converts it
            known = _known(target, record)
            if known is not None:
                return target, known
            unfinished = place / f".{token_hex(8)}.ome.tif"
            try:
                made = convert(source, selector, unfinished, identity, corrected)
                _keep(unfinished, target, record, content, selector, made)
            finally:
                with suppress(OSError):
                    unfinished.unlink()
            return target, made


def _known(target: Path, record: Path) -> Conversion | None:
    try:
        made = Conversion.from_json(record.read_text(encoding="utf-8"))
        return made if target.stat().st_size else None
    except (OSError, ValueError):
        return None


def _keep(
    unfinished: Path,
    target: Path,
    record: Path,
    content: Content,
    selector: str,
    made: Conversion,
) -> None:
    facts = {"content": content.sha256, "selector": selector, **made.as_json()}
    with writing(target):
        if os.name == "nt" and target.exists():
            target.chmod(0o666)
        unfinished.replace(target)
        with suppress(PermissionError):
            target.chmod(_READ_ONLY)
        text = json.dumps(facts, ensure_ascii=False, indent=1)
        part = record.with_name(f".{token_hex(8)}.json")
        part.write_text(text, encoding="utf-8")
        part.replace(record)
