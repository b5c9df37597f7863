"""The container engine as a runtime: one container per job, nothing else to be seen.

Works with Docker and, through its Docker-compatible socket, with Podman.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING

from bioimageit_flow.errors import Cancelled, FlowError, RuntimeUnavailableError
from bioimageit_flow.model.installed import InstalledTool
from bioimageit_flow.model.packaging import ContainerSpec
from bioimageit_flow.model.run import RuntimeUsed
from bioimageit_flow.runtimes.engine_address import (
    Address,
    addresses,
    no_engine,
)
from bioimageit_flow.runtimes.gpus import visible_gpus
from bioimageit_flow.runtimes.protocol import (
    Availability,
    Finding,
    JobProcess,
    Layout,
    Outcome,
    Readiness,
    Report,
)
from bioimageit_flow.runtimes.warm_runs import WarmRuns

if TYPE_CHECKING:
    from bioimageit_flow.runtimes.container_worker import ContainerWorker
    from bioimageit_flow.runtimes.engine import Engine
    from bioimageit_flow.runtimes.engine_return import EngineReturn
    from bioimageit_flow.runtimes.image_files import ImageFiles
    from bioimageit_flow.runtimes.repeating import Repetition

_LOGGER = logging.getLogger(__name__)

# The client of engines is imported only where something is to be changed (a fifth of a
# second): a run whose results are all known does not pay for it.


class ContainerRuntime:
    """Runs each job in a container of its own.

    Parameters
    ----------
    places : sequence of Address, optional
        Where the engine may listen; the usual places by default.
    return_within_s : float, optional
        How long a run waits for an engine that stopped answering.
    """

    name = "container"
    is_isolated = True

    def __init__(
        self,
        places: Sequence[Address] | None = None,
        return_within_s: float | None = None,
    ) -> None:
        self._places = addresses() if places is None else list(places)
        self._return_within_s = return_within_s
        self._return: EngineReturn | None = None
        self._lock = Lock()
        self._connection: Engine | None = None
        self._ids: dict[str, str] = {}
        self._has_swept = False
        self._has_run = False
        self._warm = WarmRuns(self._start_worker)

    def availability(self, tool: InstalledTool) -> Availability:
        """Say whether the engine answers and has, or can get, the tool's image."""
        spec = tool.container
        if spec is None:
            return Availability(
                Readiness.UNAVAILABLE,
                reason=f"The tool {tool.ref} has no container image.",
                remedy="Run it in its environment (`--runtime environment`).",
            )
        try:
            engine = self._engine()
            engine.check()
            from bioimageit_flow.runtimes.images import find_image

            image = find_image(engine, spec)
            gpus = _gpus(engine) if tool.tool.resources.gpu else None
        except RuntimeUnavailableError as error:
            return Availability(
                Readiness.UNAVAILABLE, reason=error.message, remedy=error.remedy
            )
        if image is not None:
            self._ids[image.used.identity] = image.id
            return Availability(Readiness.READY, used=image.used, gpus=gpus)
        if spec.published:
            return Availability(
                Readiness.OBTAINABLE,
                reason=f"The image {spec.reference} has to be pulled.",
                gpus=gpus,
            )
        return Availability(
            Readiness.UNAVAILABLE,
            reason=f"The image {spec.reference} is not on this machine.",
            remedy=_build_remedy(tool, spec),
        )

    def prepare(
        self, tool: InstalledTool, report: Report, cancel: Event
    ) -> RuntimeUsed:
        """Pull the tool's image unless the engine has it; say which one it is."""
        from bioimageit_flow.runtimes.images import find_image

        if cancel.is_set():
            raise Cancelled(f"Stopped before getting what {tool.ref} needs.")
        available = self.availability(tool)
        spec = tool.container
        if available.readiness is Readiness.UNAVAILABLE or spec is None:
            raise RuntimeUnavailableError(available.reason, remedy=available.remedy)
        engine = self._engine()
        self._sweep_once(engine)
        if available.used is not None:
            return available.used
        from bioimageit_flow.runtimes.image_making import pull_image

        pull_image(engine, spec, report, cancel)
        image = find_image(engine, spec)
        if image is None:
            raise RuntimeUnavailableError(
                f"The image {spec.reference} was pulled but is not there.",
                remedy="Try again; `bioimageit-flow doctor` looks at the engine.",
            )
        self._ids[image.used.identity] = image.id
        return image.used

    def layout(self, tool: InstalledTool, folder: Path) -> Layout:
        """Say how a job's folders look in a container: the same for every job."""
        return Layout(tool="/tool", job="/job", python="python", follows_links=True)

    def begin_run(
        self, run: str, tools: Sequence[tuple[InstalledTool, RuntimeUsed]]
    ) -> None:
        """Be ready to keep containers for these tools."""
        self._warm.begin(run, tools)

    def end_run(self, run: str) -> None:
        """Remove the containers of a run, and those that a killed one has left."""
        has_begun = self._warm.end(run)
        if not has_begun and not self._has_run:
            return
        from bioimageit_flow.runtimes.strays import remove_run, sweep

        self._has_run = False
        try:
            remove_run(self._engine(), run)
            sweep(self._engine())
        except RuntimeUnavailableError as error:
            _LOGGER.warning("%s", error)

    def execute(self, process: JobProcess) -> Outcome:
        """Run one process in a container, which only jobs of its tool have seen."""
        from bioimageit_flow.runtimes.container_job import run_container
        from bioimageit_flow.runtimes.slot_folder import why_not_staged

        if process.cancel.is_set():
            return Outcome(exit_code=None, elapsed_s=0.0, cancelled=True)
        engine = self._engine()
        image = self._image(engine, process)
        self._has_run = True
        why_not = why_not_staged(process.folder)
        return self._engine_return().execute(
            engine,
            process,
            lambda: self._warm.execute(
                process, lambda one: run_container(engine, image, one), why_not
            ),
        )

    def repeat_command(self, process: JobProcess) -> "Repetition":
        """Return the ``docker run`` that repeats a job: see `repeating.Repeating`."""
        from bioimageit_flow.runtimes.container_repeating import container_repetition

        engine = self._engine()
        return container_repetition(engine, self._image(engine, process), process)

    def _start_worker(
        self, process: JobProcess, is_wanted: Callable[[], bool]
    ) -> "ContainerWorker":
        from bioimageit_flow.runtimes.container_worker import ContainerWorker

        engine = self._engine()
        image = self._image(engine, process)
        return ContainerWorker(engine, image, process, process.cancel, is_wanted)

    def _image(self, engine: "Engine", process: JobProcess) -> str:
        from bioimageit_flow.runtimes.images import resolve_image

        image = self._ids.get(process.used.identity)
        if image is None:
            spec = process.tool.container
            if spec is None:
                raise RuntimeUnavailableError(
                    f"The tool {process.tool.ref} has no container image."
                )
            image = resolve_image(engine, spec, process.used)
            self._ids[process.used.identity] = image
        return image

    def build_image(
        self,
        context: Path,
        spec: ContainerSpec,
        base_image: str | None,
        report: Report,
        cancel: Event | None = None,
    ) -> str:
        """Build an image from a folder with a Dockerfile, and tag it; return its id.

        Parameters
        ----------
        context : Path
            The build context: the toolbox's folder, with `ContainerSpec.build`.
        base_image : str or None
            Given to the Dockerfile as ``BASE_IMAGE``; None leaves its default.
        report : callable
            Called with each line of the build.

        Raises
        ------
        RuntimeUnavailableError
            If the engine does not answer or the build fails.
        Cancelled
            If `cancel` was set meanwhile.
        """
        from bioimageit_flow.runtimes.image_making import build_image

        return build_image(self._engine(), context, spec, base_image, report, cancel)

    def image_files(self) -> "ImageFiles":
        """Return what writes images to files and takes them from there.

        Raises
        ------
        RuntimeUnavailableError
            If no engine answers.
        """
        engine = self._engine()
        engine.check()
        from bioimageit_flow.runtimes.image_files import ImageFiles

        return ImageFiles(engine)

    def diagnose(self) -> list[Finding]:
        """Say which engine there is, what it can do, and prove it with a probe."""
        try:
            engine = self._engine()
            engine.check()
            from bioimageit_flow.runtimes.container_doctor import examine

            return examine(engine)
        except FlowError as error:
            return [Finding("container engine", False, error.message, error.remedy)]

    def close(self) -> None:
        """Remove the containers that are left, and let go of the connection."""
        self._warm.end_all()
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _engine(self) -> "Engine":
        with self._lock:
            if self._connection is None:
                if not any(place.is_here for place in self._places):
                    raise no_engine(self._places)
                from bioimageit_flow.runtimes.engine import Engine

                self._connection = Engine(self._places)
            return self._connection

    def _engine_return(self) -> "EngineReturn":
        from bioimageit_flow.runtimes.engine_return import (
            RETURN_WITHIN_S,
            EngineReturn,
        )

        with self._lock:
            if self._return is None:
                wanted_s = self._return_within_s
                self._return = EngineReturn(
                    RETURN_WITHIN_S if wanted_s is None else wanted_s
                )
            return self._return

    def _sweep_once(self, engine: "Engine") -> None:
        """Remove what killed runs left behind, once in the life of this process."""
        from bioimageit_flow.runtimes.strays import sweep

        with self._lock:
            if self._has_swept:
                return
            self._has_swept = True
        try:
            count = sweep(engine)
        except RuntimeUnavailableError as error:
            _LOGGER.warning("%s", error)
            return
        if count:
            _LOGGER.info("removed %d containers of runs that were killed", count)


def _gpus(engine: "Engine") -> int | None:
    """Return how many GPUs containers can use; None where only the engine knows."""
    facts = engine.facts()
    if not facts.gpu_runtime or facts.kind == "Podman":
        return 0  # see `container_options` for Podman
    return None if facts.is_desktop else len(visible_gpus())


def _build_remedy(tool: InstalledTool, spec: ContainerSpec) -> str:
    if spec.build is None:
        return f"Load it into the engine (`docker load`) or tag it {spec.reference}."
    return f"Build it: `bioimageit-flow tools build {tool.tool.toolbox}`."
