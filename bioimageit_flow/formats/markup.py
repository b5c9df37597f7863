"""SVG and HTML: pictures and reports that tools write.

Neither is shown by this module; it only tells what they are. SVG is parsed by
defusedxml, as it comes from strangers.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from bioimageit_flow.formats.refusal import EXPORT_AGAIN, Refusal
from bioimageit_flow.formats.sample import Sample
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.kinds import Kind

MAX_SVG_BYTES = 256 * 2**20
MAX_SVG_DEPTH = 1000

_SVG_ROOT = re.compile(rb"<(\w+:)?svg[\s>/]")


class SvgReader:
    """Reads SVG as a file."""

    def claims(self, sample: Sample) -> bool:
        """Say whether a file is said to be SVG, or its unknown text is."""
        if sample.claim == "file":
            return sample.is_text and bool(
                sample.start[:1] == b"<" and _SVG_ROOT.search(sample.head)
            )
        return sample.claim == "svg"

    def probe(self, sample: Sample) -> DataInfo:
        """Return the kind, having read up to the root element only."""
        with sample.path.open("rb") as stream:
            next(_walk(stream))
        return DataInfo(Kind.FILE, "svg")

    def verify(self, sample: Sample) -> None:
        """Parse the whole text."""
        if sample.size > MAX_SVG_BYTES:
            raise Refusal(
                f"is larger than {MAX_SVG_BYTES} bytes", "Draw less into one picture."
            )
        with sample.path.open("rb") as stream:
            for _ in _walk(stream):
                pass


class HtmlReader:
    """Reads HTML as a file."""

    def claims(self, sample: Sample) -> bool:
        """Say whether a file is said to be HTML."""
        return sample.claim == "html"

    def probe(self, sample: Sample) -> DataInfo:
        """Return the kind of a text that begins with a tag."""
        if not sample.is_text or sample.start[:1] != b"<":
            raise Refusal("is not HTML: it does not begin with a tag", EXPORT_AGAIN)
        return DataInfo(Kind.FILE, "html")

    def verify(self, sample: Sample) -> None:
        """Nothing more to check."""


def _walk(stream: BinaryIO) -> Iterator[int]:
    """Yield the depth after each start and end of an element, keeping none of them."""
    depth = 0
    try:
        for event, element in iterparse(stream, events=("start", "end")):
            if event == "start":
                depth += 1
                if depth == 1 and element.tag.rpartition("}")[2] != "svg":
                    raise Refusal("is not SVG: its root is another element")
                if depth > MAX_SVG_DEPTH:
                    raise Refusal("is not SVG that can be read: it is too deep")
            else:
                depth -= 1
                element.clear()
            yield depth
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        reason = str(error).splitlines()[0]
        raise Refusal(f"is not SVG: {reason}", EXPORT_AGAIN) from error
