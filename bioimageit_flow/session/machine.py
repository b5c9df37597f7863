"""What this machine offers: tools, runtimes, and whom its user trusts."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bioimageit_flow.catalogue import Catalogue, Trust
from bioimageit_flow.model.problem import Problem
from bioimageit_flow.model.tool import InstalledTool

if TYPE_CHECKING:
    from bioimageit_flow.catalogue.places import Place
    from bioimageit_flow.runtimes.protocol import Finding, Report, Runtime
    from bioimageit_flow.testing.tool_tests import ToolTestReport

AUTO = "auto"


class Session:
    """The tools and runtimes of this machine.

    Parameters
    ----------
    tool_folders : sequence of Path or str, optional
        Further folders with tools, beside the built-in and the user's.
    runtimes : list of Runtime, optional
        What can run a tool; by default what is installed.
    first_places : sequence of Place
        Tools that win over all others of the same id and version.

    Examples
    --------
    >>> session = Session()
    >>> [tool.ref for tool in session.catalogue.search("nuclei")]
    """

    def __init__(
        self,
        tool_folders: Sequence[Path | str] = (),
        *,
        runtimes: "list[Runtime] | None" = None,
        first_places: "Sequence[Place]" = (),
    ) -> None:
        self._first_places = tuple(first_places)
        self._tool_folders = [Path(folder) for folder in tool_folders]
        self._runtimes = runtimes

    @property
    def tool_folders(self) -> tuple[Path, ...]:
        """Further folders with tools."""
        return tuple(self._tool_folders)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The tools."""
        usual = Catalogue.default(self._tool_folders)
        if not self._first_places:
            return usual
        return Catalogue([*self._first_places, *usual.places])

    @cached_property
    def trust(self) -> Trust:
        """The tools whose content the user has said to trust."""
        return Trust.of_user()

    @property
    def runtimes(self) -> "list[Runtime]":
        """What can run a tool here."""
        from bioimageit_flow.runtimes.registry import load_runtimes

        if self._runtimes is None:
            self._runtimes = load_runtimes()
        return self._runtimes

    def doctor(self) -> "list[Finding]":
        """Say what this machine can do, and how to mend what is missing."""
        from bioimageit_flow.session.diagnosis import diagnose

        return diagnose(self)

    def lint(self, folder: Path | str) -> list[Problem]:
        """Return what is wrong with the tools of a folder."""
        from bioimageit_flow.catalogue import lint

        return lint(Path(folder))

    def test_tool(
        self,
        tool: InstalledTool,
        *,
        runtime: str = AUTO,
        is_trusted: bool | None = None,
        report: "Report" = lambda _line: None,
    ) -> "ToolTestReport":
        """Run the tests of a tool, each twice, and compare.

        Parameters
        ----------
        tool : InstalledTool
            From the catalogue.
        runtime : str
            ``auto``, or the name of a runtime.
        is_trusted : bool, optional
            Whether it may run without isolation; by default as the user has said.
        report : callable
            Told what is going on, line by line.

        Raises
        ------
        RuntimeUnavailableError
            If nothing here can run the tool.
        """
        from bioimageit_flow.testing.tool_tests import run_tool_tests

        trusted = self.trust.is_trusted(tool) if is_trusted is None else is_trusted
        return run_tool_tests(tool, self.runtimes, runtime, trusted, report)

    def build(
        self,
        toolbox: str,
        *,
        base_image: str | None = None,
        report: "Report" = lambda _line: None,
    ) -> str:
        """Build the container image of a toolbox; return its identity.

        Raises
        ------
        ToolError
            If there is no such toolbox, or it has no build context.
        RuntimeUnavailableError
            If no engine runs here, or the build fails.
        """
        from bioimageit_flow.session.building import build_toolbox

        return build_toolbox(self, toolbox, base_image=base_image, report=report)

    def close(self) -> None:
        """Let go of connections to engines."""
        for runtime in self._runtimes or ():
            runtime.close()
        self._runtimes = None
