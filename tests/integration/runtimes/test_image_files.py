"""Images go to a file and come back, and replace nothing that is there."""

import io
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from bioimageit_flow.model.packaging import ContainerSpec
from bioimageit_flow.runtimes.engine import Engine
from bioimageit_flow.runtimes.engine_client import NotFound
from bioimageit_flow.runtimes.image_files import ImageFiles, images_in
from bioimageit_flow.session import Session
from bioimageit_flow.session.shared_images import SharedImage, load_images, saved


def import_image(engine: Engine, reference: str, content: bytes) -> None:
    """Make an image of one small file."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as file:
        info = tarfile.TarInfo("content.txt")
        info.size = len(content)
        file.addfile(info, io.BytesIO(content))
    name, _, tag = reference.partition(":")
    engine.api().import_image_from_data(layer.getvalue(), repository=name, tag=tag)


def remove_image(engine: Engine, reference: str) -> None:
    engine.api().remove_image(reference, force=True)


@pytest.fixture
def spec(engine: Engine) -> Iterator[ContainerSpec]:
    """A small image of a name of its own."""
    made = ContainerSpec(image=f"bioimageit-flow-test/{uuid4().hex[:12]}", tag="1")
    import_image(engine, made.reference, b"one")
    yield made
    with suppress(NotFound):  # where a test removed it
        remove_image(engine, made.reference)


def test_image_comes_back_from_its_file(
    engine: Engine, spec: ContainerSpec, tmp_path: Path
) -> None:
    files = ImageFiles(engine)
    size = files.size(spec)
    assert size
    session = Session()
    told: list[int] = []
    ((name, chunks),) = saved(
        session, [SharedImage(spec, size)], lambda _name, done, _of: told.append(done)
    ).items()
    path = tmp_path / name
    path.write_bytes(b"".join(chunks))
    assert told[-1] == path.stat().st_size
    known = load_images(session, [path], [spec.reference])
    assert known.known == (spec.reference,)

    remove_image(engine, spec.reference)
    assert files.size(spec) is None
    done = load_images(session, [path], [spec.reference])
    session.close()

    assert done.added == (spec.reference,)
    assert files.size(spec) == size
    assert [one.references for one in images_in(path)] == [(spec.reference,)]


@pytest.fixture
def another(engine: Engine, spec: ContainerSpec, tmp_path: Path) -> Path:
    """A file with another image of the same name."""
    import_image(engine, spec.reference, b"two")
    path = tmp_path / "another.tar"
    path.write_bytes(b"".join(ImageFiles(engine).save(spec)))
    import_image(engine, spec.reference, b"one")
    return path


def test_image_with_a_name_that_is_taken_is_not_loaded(
    engine: Engine, spec: ContainerSpec, another: Path
) -> None:
    before = engine.inspect_image(spec.reference)["Id"]
    session = Session()
    done = load_images(session, [another], [spec.reference])
    session.close()

    assert done.refused == (spec.reference,)
    assert engine.inspect_image(spec.reference)["Id"] == before


def test_image_that_no_tool_wants_is_not_loaded(
    engine: Engine, spec: ContainerSpec, another: Path
) -> None:
    remove_image(engine, spec.reference)
    session = Session()
    done = load_images(session, [another], ["bioimageit-flow/skimage:0.1"])
    session.close()

    assert done.refused == (spec.reference,)
    assert ImageFiles(engine).size(spec) is None
