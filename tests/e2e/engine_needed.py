"""Whether the container engine and the built-in images are there."""

import os

import pytest

from bioimageit_flow.errors import RuntimeUnavailableError
from bioimageit_flow.runtimes.registry import choose
from bioimageit_flow.session import Session

REQUIRED = "BIOIMAGEIT_FLOW_REQUIRE_ENGINE"


def require_container(session: Session, tool: str = "skimage/gaussian") -> None:
    """Skip the test where a tool cannot run in its container, or fail if it must."""
    try:
        choose(session.catalogue.get(tool), "container", session.runtimes, True)
    except RuntimeUnavailableError as error:
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))
