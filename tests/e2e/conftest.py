import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bioimageit_flow.session import Session
from tests.integration.provenance.crate_reader import CrateReader
from tests.integration.provenance.validator import CONTEXTS, KNOWN, Validator

Accepted = Callable[[Path], None]

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


@pytest.fixture(scope="session")
def accepted(request: pytest.FixtureRequest) -> Accepted:
    """Says that a crate is true, and that the independent validator accepts it."""
    validator = None
    if CONTEXTS.is_dir():
        validator = request.getfixturevalue("validator")
        assert isinstance(validator, Validator)

    def check(crate: Path) -> None:
        assert CrateReader(crate).lies() == []
        if validator is not None:
            found = validator.findings(crate)
            assert [one for one in found if one.check not in KNOWN] == []

    return check
