"""Real files made on the spot, and the folder of published test images."""

import os
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bioimageit_flow.errors import DataError

Refused = Callable[[Callable[[], object]], str]


@pytest.fixture
def test_data() -> Path:
    """The folder of published images; tests that need it are skipped without it."""
    beside = Path(__file__).parents[4] / "shared" / "data"
    folder = Path(os.environ.get("BIOIMAGEIT_FLOW_TEST_DATA", beside))
    if not folder.is_dir():
        pytest.skip("the published test images are not here")
    return folder


@pytest.fixture
def pixels() -> Callable[..., NDArray[np.uint16]]:
    """Make random pixels of a shape, the same in every run."""

    def make(*shape: int) -> NDArray[np.uint16]:
        random = np.random.default_rng(7)
        return random.integers(0, 4000, shape).astype(np.uint16)

    return make


@pytest.fixture
def refused() -> Refused:
    """Call something that must raise a `DataError`; return its sentence.

    Every error has a remedy, or says what to do itself, and is one line.
    """

    def call(action: Callable[[], object]) -> str:
        with pytest.raises(DataError) as caught:
            action()
        text = str(caught.value)
        assert "\n" not in text
        assert caught.value.message.endswith(".")
        return text

    return call


@pytest.fixture
def tiny_tiff() -> Callable[..., bytes]:
    """Make a TIFF by hand, so that it can be wrong in every way."""

    def make(
        tags: dict[int, int] | None = None,
        *,
        next_page: int = 0,
        first_page: int = 8,
        data: bytes = bytes(16),
    ) -> bytes:
        entries = {256: 4, 257: 4, 258: 8, 259: 1, 262: 1, 277: 1, 278: 4}
        entries |= {273: 8 + 2 + 12 * 9 + 4, 279: 16}
        entries |= tags or {}
        entries = {tag: value for tag, value in entries.items() if value >= 0}
        body = b"".join(
            struct.pack("<HHII", tag, 4, 1, value)
            for tag, value in sorted(entries.items())
        )
        return (
            struct.pack("<2sHI", b"II", 42, first_page)
            + struct.pack("<H", len(entries))
            + body
            + struct.pack("<I", next_page)
            + data
        )

    return make
