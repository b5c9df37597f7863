import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bioimageit_flow.session import Session

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def session() -> Iterator[Session]:
    session = Session()
    yield session
    session.close()


@pytest.fixture(scope="session")
def published_data() -> Path:
    """The folder with published images of known truth; skips where it is not."""
    place = Path(os.environ.get("BIOIMAGEIT_FLOW_TEST_DATA", SHARED))
    if not place.is_dir():
        pytest.skip(f"there are no published images in {place}")
    return place
