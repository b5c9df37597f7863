"""Zip files that mean harm: refused before anything is taken out of them."""

import os
import stat
import zipfile
from pathlib import Path

import pytest

from bioimageit_flow.session import Run, Session
from bioimageit_flow.session.crates import export_crate
from tests.integration.engine.lab import Lab
from tests.integration.provenance.hostile import refusal


@pytest.fixture
def crate(lab: Lab, tmp_path: Path) -> Path:
    lab.import_images(2)
    run: Run = lab.run(lab.line())
    return export_crate(run, tmp_path / "inner" / "crate")


@pytest.fixture
def elsewhere(lab: Lab) -> Session:
    return Session(runtimes=[lab.runtime])


def zipped(crate: Path, path: Path) -> zipfile.ZipFile:
    """Return a zip file of a crate, open to put more into it."""
    archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
    for file in sorted(crate.rglob("*")):
        if file.is_file():
            archive.write(file, file.relative_to(crate).as_posix())
    return archive


@pytest.mark.parametrize(
    "name",
    ["../out.txt", "/tmp/out.txt", "a/../../out.txt", "con.txt", "README.MD", "a\\b"],
)
def test_names_in_zip_files_that_do_harm_are_refused(
    crate: Path, elsewhere: Session, tmp_path: Path, name: str
) -> None:
    with zipped(crate, tmp_path / "bad.zip") as archive:
        archive.writestr(zipfile.ZipInfo(name), "harm")

    assert "was not opened" in refusal(tmp_path / "bad.zip", elsewhere, tmp_path)


def test_links_in_zip_files_are_refused(
    crate: Path, elsewhere: Session, tmp_path: Path
) -> None:
    with zipped(crate, tmp_path / "bad.zip") as archive:
        link = zipfile.ZipInfo("data/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")

    assert "is a link" in refusal(tmp_path / "bad.zip", elsewhere, tmp_path)


def test_zip_bomb_is_refused_before_it_is_taken_out(
    crate: Path, elsewhere: Session, tmp_path: Path
) -> None:
    with (
        zipped(crate, tmp_path / "bomb.zip") as archive,
        archive.open("data/zeros.bin", "w") as file,
    ):
        block = bytes(1 << 20)
        for _ in range(200):
            file.write(block)

    said = refusal(tmp_path / "bomb.zip", elsewhere, tmp_path)

    assert "bytes would come out of" in said


@pytest.mark.parametrize("parts", [1, 6])
def test_honest_data_hide_no_zip_bomb(
    crate: Path, elsewhere: Session, tmp_path: Path, parts: int
) -> None:
    """60 MB come out of 3 MB, which is no more than 20 times as much."""
    with zipped(crate, tmp_path / "bomb.zip") as archive:
        archive.writestr("data/honest.bin", os.urandom(3_000_000))
        for number in range(parts):
            archive.writestr(f"data/zeros{number}.bin", bytes(60_000_000 // parts))

    said = refusal(tmp_path / "bomb.zip", elsewhere, tmp_path)

    assert "60000000 bytes would come out of files in it" in said


def test_file_far_larger_than_the_crate_says_is_refused(
    crate: Path, elsewhere: Session, tmp_path: Path
) -> None:
    image = next(crate.glob("data/raw/*.tif"))
    with image.open("ab") as file:
        file.write(bytes(3 << 20))
    zipped(crate, tmp_path / "grown.zip").close()

    said = refusal(tmp_path / "grown.zip", elsewhere, tmp_path)

    assert image.name in said
    assert f"has {image.stat().st_size} bytes, and the crate says" in said


def test_cut_off_zip_file_is_refused(
    crate: Path, elsewhere: Session, tmp_path: Path
) -> None:
    zipped(crate, tmp_path / "cut.zip").close()
    data = (tmp_path / "cut.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(data[: len(data) // 2])

    assert "cut.zip" in refusal(tmp_path / "cut.zip", elsewhere, tmp_path)
