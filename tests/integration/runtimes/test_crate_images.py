"""Images go into crates and out of them by content, and only when that is allowed."""

import io
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.packaging import ContainerSpec
from bioimageit_flow.model.run import RuntimeUsed
from bioimageit_flow.provenance.crate.reading import Damage, RunCrate
from bioimageit_flow.provenance.crate.recipe import Recipe, RunLine, ToolLine
from bioimageit_flow.runtimes.engine import Engine
from bioimageit_flow.runtimes.engine_client import NotFound
from bioimageit_flow.runtimes.image_files import ImageFiles
from bioimageit_flow.session import Session
from bioimageit_flow.session.crate_images import ImageOffer, saving, take_images
from tests.integration.runtimes.test_image_files import import_image, remove_image

INNER = "images/a.tar"


@pytest.fixture
def spec(engine: Engine) -> Iterator[ContainerSpec]:
    made = ContainerSpec(image=f"bioimageit-flow-test/{uuid4().hex[:12]}", tag="1")
    import_image(engine, made.reference, b"one")
    yield made
    with suppress(NotFound):
        remove_image(engine, made.reference)


def used(engine: Engine, spec: ContainerSpec) -> RuntimeUsed:
    identity = str(engine.inspect_image(spec.reference)["Id"])
    detail = f"{spec.reference}; warm worker (fork)"
    return RuntimeUsed("container", f"image {identity}", detail)


def crate(folder: Path, ran_in: RuntimeUsed, *damages: Damage) -> RunCrate:
    run = RunLine(
        schema="bioimageit-flow/recipe/1",
        run="0",
        name="a",
        workflow="w",
        workflow_sha256=Sha256("0" * 64),
        started="",
    )
    tool = ToolLine(ref="a/b@1", identity=ran_in.identity, detail=ran_in.detail)
    return RunCrate(folder, "a", Recipe(run, (tool,), (), ()), damages, (INNER,))


def save(folder: Path, ran_in: RuntimeUsed) -> Path:
    saved = saving(Session())(ran_in)
    assert saved is not None
    path = folder / INNER
    path.parent.mkdir()
    path.write_bytes(b"".join(saved.pieces))
    return path


def test_image_goes_into_a_crate_and_comes_back(
    engine: Engine, spec: ContainerSpec, tmp_path: Path
) -> None:
    ran_in = used(engine, spec)
    save(tmp_path, ran_in)
    asked: list[ImageOffer] = []

    def answer(is_yes: bool) -> None:
        def allow(offers: Sequence[ImageOffer]) -> bool:
            asked.extend(offers)
            return is_yes

        take_images(Session(), crate(tmp_path, ran_in), allow, lambda _line: None)

    answer(is_yes=True)
    assert asked == [], "it is here already"
    remove_image(engine, spec.reference)
    answer(is_yes=False)
    assert [one.reference for one in asked] == [spec.reference]
    assert ImageFiles(engine).size(spec) is None
    answer(is_yes=True)
    assert used(engine, spec).identity == ran_in.identity


def test_image_that_was_changed_since_does_not_go_along(
    engine: Engine, spec: ContainerSpec
) -> None:
    ran_in = used(engine, spec)
    import_image(engine, spec.reference, b"two")
    told: list[str] = []

    assert saving(Session(), told.append)(ran_in) is None
    assert "no longer here as it was" in told[0]


def test_image_in_which_no_job_ran_is_refused(
    engine: Engine, spec: ContainerSpec, tmp_path: Path
) -> None:
    ran_in = used(engine, spec)
    path = save(tmp_path, ran_in)
    other = RuntimeUsed("container", f"image sha256:{'0' * 64}", ran_in.detail)

    with pytest.raises(DataError, match="in which no job ran"):
        take_images(Session(), crate(tmp_path, other), _never, lambda _line: None)

    add(path, "manifest.json", b'[{"Config": "x", "RepoTags": ["alpine:latest"]}]')
    with pytest.raises(DataError, match=r"no file of an image|no job ran"):
        take_images(Session(), crate(tmp_path, ran_in), _never, lambda _line: None)


def test_damaged_image_is_refused(
    engine: Engine, spec: ContainerSpec, tmp_path: Path
) -> None:
    ran_in = used(engine, spec)
    damage = Damage(INNER, "altered")

    with pytest.raises(DataError, match="altered"):
        take_images(
            Session(), crate(tmp_path, ran_in, damage), _never, lambda _line: None
        )


def add(path: Path, name: str, content: bytes) -> None:
    """Add a member to a tar; readers take the last one of a name."""
    with tarfile.open(path, "a") as file:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        file.addfile(info, io.BytesIO(content))


def _never(_offers: Sequence[ImageOffer]) -> bool:
    raise AssertionError("nobody is asked about what is refused")
