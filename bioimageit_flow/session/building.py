"""Building the container image of a toolbox."""

from typing import TYPE_CHECKING

from bioimageit_flow.errors import RuntimeUnavailableError, ToolError
from bioimageit_flow.runtimes.container import ContainerRuntime
from bioimageit_flow.runtimes.protocol import Report

if TYPE_CHECKING:
    from bioimageit_flow.session.machine import Session


def build_toolbox(
    session: "Session", toolbox: str, *, base_image: str | None, report: Report
) -> str:
    """Build the image of a toolbox and return its identity; see `Session.build`."""
    found = session.catalogue.toolbox(toolbox)
    spec = found.descriptor.container if found.descriptor else None
    if spec is None or spec.build is None:
        raise ToolError(
            f"The toolbox {toolbox} has nothing to build.",
            remedy="Its toolbox.yaml needs 'container' with 'build', a folder with a "
            "Dockerfile.",
        )
    for runtime in session.runtimes:
        if isinstance(runtime, ContainerRuntime):
            context = found.folder / spec.build
            return runtime.build_image(context, spec, base_image, report)
    raise RuntimeUnavailableError(
        "The container runtime of this program is not installed.",
        remedy="Reinstall bioimageit-flow.",
    )
