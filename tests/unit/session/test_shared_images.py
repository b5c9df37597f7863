"""Files of images: what they hold is told before an engine is asked to take them."""

import io
import json
import tarfile
from hashlib import sha256
from pathlib import Path

import pytest

from bioimageit_flow.errors import Cancelled, DataError
from bioimageit_flow.runtimes.image_files import images_in
from bioimageit_flow.session import Session
from bioimageit_flow.session.archive import put, written
from bioimageit_flow.session.shared_contents import contents
from bioimageit_flow.session.shared_images import load_images
from bioimageit_flow.session.sharing import share
from bioimageit_flow.workflow import Workflow

CONFIG = b'{"rootfs": {"type": "layers", "diff_ids": []}}'
DIGEST = sha256(CONFIG).hexdigest()


def image_file(
    path: Path, *tags: str, manifest: object = None, config: bytes = CONFIG
) -> Path:
    """Write a file such as ``docker save`` writes, without layers."""
    listed = manifest or [{"Config": f"blobs/sha256/{DIGEST}", "RepoTags": list(tags)}]
    members = {
        "manifest.json": json.dumps(listed).encode(),
        f"blobs/sha256/{DIGEST}": config,
    }
    with tarfile.open(path, "w") as file:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))
    return path


def test_configuration_of_another_hash_is_no_known_image(tmp_path: Path) -> None:
    path = image_file(tmp_path / "a.tar", "lab/smooth:1", config=b'{"rootfs": {}}')
    (found,) = images_in(path)

    assert found.id == ""


def test_file_says_names_and_configuration(tmp_path: Path) -> None:
    (found,) = images_in(image_file(tmp_path / "a.tar", "lab/smooth:1", "lab/smooth:2"))

    assert found.references == ("lab/smooth:1", "lab/smooth:2")
    assert found.id == f"sha256:{DIGEST}"


@pytest.mark.parametrize("content", [b"", b"no tar at all", b"PK\x03\x04"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "strange.tar"
    path.write_bytes(content)

    with pytest.raises(DataError, match="no file of an image"):
        images_in(path)


@pytest.mark.parametrize("manifest", [{"a": 1}, "text", [1], [{"RepoTags": 5}]])
def test_nonsense_in_the_list_is_refused(tmp_path: Path, manifest: object) -> None:
    path = image_file(tmp_path / "strange.tar", manifest=manifest)

    with pytest.raises(DataError, match="no file of an image"):
        images_in(path)


def test_without_an_engine_opening_goes_on_and_says_why(tmp_path: Path) -> None:
    session = Session(runtimes=[])
    path = image_file(tmp_path / "a.tar", "lab/smooth:1")
    done = load_images(session, [path], ["lab/smooth:1"])

    assert done.added == ()
    assert "not installed" in done.failure


def test_images_are_written_as_they_are_read(tmp_path: Path) -> None:
    target = tmp_path / "two.flow.zip"
    chunks = iter([b"abc", b"defg"])
    share(
        Workflow("Two").document,
        target,
        Session().catalogue,
        saved_images={"lab_smooth_1.tar": chunks},
    )

    assert contents(target).images == ("images/lab_smooth_1.tar",)


def test_stopped_packing_leaves_nothing(tmp_path: Path) -> None:
    def read() -> object:
        yield b"abc"
        raise Cancelled("Stopped.")

    target = tmp_path / "two.flow.zip"
    with pytest.raises(Cancelled), written(target) as file:
        put(file, "images/a.tar", read())  # type: ignore[arg-type]

    assert list(tmp_path.iterdir()) == []
