"""Images that are got or made: pulled from a registry, built from a Dockerfile."""

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any

from bioimageit_flow.errors import Cancelled, RuntimeUnavailableError
from bioimageit_flow.model.packaging import ContainerSpec
from bioimageit_flow.model.units import format_bytes
from bioimageit_flow.runtimes.engine import Engine, engine_failure
from bioimageit_flow.runtimes.engine_client import ENGINE_ERRORS, APIError, Client
from bioimageit_flow.runtimes.images import LABEL
from bioimageit_flow.runtimes.protocol import Report

_PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy")
_REPORT_EVERY_S = 1.0
_END_S = 1.0  # it ends at once, where the engine is on a socket of this machine


def pull_image(
    engine: Engine, spec: ContainerSpec, report: Report, cancel: Event
) -> None:
    """Get an image from its registry.

    Raises
    ------
    RuntimeUnavailableError
        If it cannot be had; names the image and says why.
    Cancelled
        If `cancel` was set meanwhile.
    """
    report(f"Getting the image {spec.reference}")
    layers: dict[str, tuple[int, int]] = {}
    said = time.monotonic()
    try:
        tag = spec.digest or spec.tag
        for event in _streamed(
            engine,
            lambda api: api.pull(spec.image, tag=tag, stream=True, decode=True),
            cancel,
            f"getting {spec.reference}",
        ):
            if "error" in event:
                raise _not_pulled(spec, str(event["error"]))
            detail = event.get("progressDetail") or {}
            if event.get("status") == "Downloading" and detail.get("total"):
                layers[str(event.get("id"))] = (detail["current"], detail["total"])
            elif event.get("status") in ("Download complete", "Pull complete"):
                _, total = layers.get(str(event.get("id")), (0, 0))
                layers[str(event.get("id"))] = (total, total)
            if layers and time.monotonic() - said >= _REPORT_EVERY_S:
                said = time.monotonic()
                done = sum(done for done, _ in layers.values())
                total = sum(total for _, total in layers.values())
                report(
                    f"Getting the image {spec.reference}: {format_bytes(done)} of "
                    f"{format_bytes(total)}"
                )
    except APIError as error:
        raise _not_pulled(spec, str(error.explanation or error)) from error
    except ENGINE_ERRORS as error:
        raise engine_failure(error, f"getting {spec.reference}") from error


_NOT_THERE = ("denied", "unauthorized", "not found", "unknown", "not exist")


def _not_pulled(spec: ContainerSpec, said: str) -> RuntimeUnavailableError:
    said = " ".join(said.split()).rstrip(".")[:300]
    remedy = "See whether this machine reaches the registry, or build the image with "
    lowered = said.lower()
    if any(sign in lowered for sign in _NOT_THERE):
        remedy = (
            "See whether its name is right and public (`docker login` otherwise), or "
            "build it with "
        )
    elif "no space left" in lowered:
        remedy = "Free disk space (`docker system prune`), or build it with "
    return RuntimeUnavailableError(
        f"The image {spec.reference} cannot be pulled: {said}.",
        remedy=f"{remedy}`bioimageit-flow tools build`.",
    )


def build_image(
    engine: Engine,
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
        The build context.
    base_image : str or None
        Given to the Dockerfile as ``BASE_IMAGE``; None leaves its default.
    report : callable
        Called with each line of the build.

    Raises
    ------
    RuntimeUnavailableError
        If the engine does not answer or the build fails; ends with its last lines.
    Cancelled
        If `cancel` was set meanwhile.
    """
    if not (context / "Dockerfile").is_file():
        raise RuntimeUnavailableError(
            f"There is no Dockerfile in {context}.",
            remedy="Write one, or correct `container.build` of the toolbox.",
        )
    # Proxies are build arguments that every Dockerfile takes, and no image keeps.
    arguments = {
        name: os.environ[name]
        for proxy in _PROXIES
        for name in (proxy, proxy.upper())
        if os.environ.get(name)
    }
    if base_image:
        arguments["BASE_IMAGE"] = base_image
    tag = f"{spec.image}:{spec.tag}"
    lines: list[str] = []
    image_id = ""
    try:
        for event in _streamed(
            engine,
            lambda api: api.build(
                path=str(context),
                tag=tag,
                buildargs=arguments,
                labels={f"{LABEL}.image": spec.image},
                rm=True,
                forcerm=True,
                decode=True,
            ),
            cancel or Event(),
            f"building {tag}",
        ):
            if "error" in event:
                raise _not_built(tag, str(event["error"]), lines)
            image_id = str((event.get("aux") or {}).get("ID") or image_id)
            for line in str(event.get("stream") or event.get("status") or "").split(
                "\n"
            ):
                if line.strip():
                    lines = [*lines[-4:], line.rstrip()]
                    report(line.rstrip())
        return image_id or str(engine.inspect_image(tag)["Id"])
    except APIError as error:
        raise _not_built(tag, str(error.explanation or error), lines) from error
    except ENGINE_ERRORS as error:
        raise engine_failure(error, f"building {tag}") from error


_BASE_STEP = re.compile(r"Step \d+/\d+ : FROM |Trying to pull|STEP \d+/\d+: FROM ")


def _not_built(tag: str, said: str, lines: list[str]) -> RuntimeUnavailableError:
    said = " ".join(said.split()).rstrip(".")[:300]
    end = " / ".join(line.strip() for line in lines)
    remedy = f"The build ended with: {end[-500:]}" if end else ""
    if lines and _BASE_STEP.match(lines[-1]):
        remedy = (
            "The image that it starts from cannot be pulled: give another with "
            "`--base-image`; nodes/base/make-base-image.sh makes one without a "
            "registry."
        )
    return RuntimeUnavailableError(
        f"The image {tag} cannot be built: {said}.", remedy=remedy
    )


def _streamed(
    engine: Engine,
    call: Callable[[Client], Iterator[dict[str, Any]]],
    cancel: Event,
    doing: str,
) -> Iterator[dict[str, Any]]:
    """Yield the events that a call streams; stop in a moment when `cancel` is set.

    A stalled network blocks the call and the reading, so they have a thread of their
    own, and a client: once nobody listens any more that hangs up, which ends both the
    thread and what the engine was doing.
    """
    client = engine.new_client()
    events: SimpleQueue[dict[str, Any] | BaseException | None] = SimpleQueue()
    is_over = Event()

    def read() -> None:
        try:
            for event in call(client):
                if is_over.is_set():
                    break
                events.put(event)
        except BaseException as error:  # noqa: BLE001 - raised by the other thread
            events.put(error)
        finally:
            events.put(None)

    reader = Thread(target=read, name=doing, daemon=True)
    reader.start()
    try:
        while True:
            if cancel.is_set():
                raise Cancelled(f"Stopped while {doing}.")
            try:
                event = events.get(timeout=0.1)
            except Empty:
                continue
            if event is None:
                return
            if isinstance(event, BaseException):
                raise event
            yield event
    finally:
        is_over.set()
        client.hang_up()
        reader.join(_END_S)
