"""What is left: zip archives, text, and files that nobody knows."""

import zipfile

from bioimageit_flow.formats.refusal import Refusal
from bioimageit_flow.formats.sample import Sample
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.kinds import Kind

_ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")


class ZipReader:
    """Reads zip archives as a file; nothing is taken out."""

    def claims(self, sample: Sample) -> bool:
        """Say whether a file begins like a zip archive."""
        return sample.head.startswith(_ZIP_SIGNATURES)

    def probe(self, sample: Sample) -> DataInfo:
        """Return the kind, having found the directory at the end."""
        if not zipfile.is_zipfile(sample.path):
            raise Refusal("is truncated: the directory of the archive is missing")
        return DataInfo(Kind.FILE, "zip")

    def verify(self, sample: Sample) -> None:
        """Nothing more to check."""


class TextReader:
    """Reads text as a file."""

    def claims(self, sample: Sample) -> bool:
        """Say whether a file is said to be text, or an unknown one looks like it."""
        return sample.claim == "text" or (sample.claim == "file" and sample.is_text)

    def probe(self, sample: Sample) -> DataInfo:
        """Return the kind of what begins like text."""
        if not sample.is_text:
            raise Refusal("is called a text but holds other bytes")
        return DataInfo(Kind.FILE, "text")

    def verify(self, sample: Sample) -> None:
        """Nothing more to check."""


class UnknownReader:
    """Takes every file that nobody else knows."""

    def claims(self, sample: Sample) -> bool:
        """Say yes to every file."""
        return not sample.is_folder

    def probe(self, sample: Sample) -> DataInfo:
        """Return that it is a file."""
        return DataInfo(Kind.FILE, "file")

    def verify(self, sample: Sample) -> None:
        """Nothing to check."""
