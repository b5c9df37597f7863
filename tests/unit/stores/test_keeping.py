"""Files that changed, vanished, moved, or are given up."""

import os
from pathlib import Path

import pytest

from bioimageit_flow.errors import DataError
from bioimageit_flow.stores.keeping import find_moved, remove_bytes, verify
from tests.unit.stores.lab import Lab


def test_files_that_are_as_they_were_are_verified(lab: Lab) -> None:
    lab.take(lab.image("a.tif", 1), lab.image("b.tif", 2))
    lab.take(lab.image("c.tif", 3), dataset="other", reference=True)
    seen: list[int] = []
    report = verify(lab.folder, lab.store, None, seen.append)
    assert report.is_good
    assert (report.files, seen) == (3, [1, 2, 3])
    assert report.bytes > 0
    assert verify(lab.folder, lab.store, "other").files == 1


def test_changed_file_is_found_although_it_looks_the_same(lab: Lab) -> None:
    lab.take(lab.image("a.tif", 1), reference=True)
    path = lab.files / "a.tif"
    status = path.stat()
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    report = verify(lab.folder, lab.store, None)
    (fault,) = report.faults
    assert (fault.path, fault.item, fault.is_missing) == (str(path), "a.tif", False)
    assert report.missing_folders == []


def test_vanished_folder_is_named_once(lab: Lab) -> None:
    paths = [lab.image(f"plate/day/{n}.tif", n) for n in range(3)]
    lab.take(*paths, reference=True)
    (lab.files / "plate").rename(lab.files / "elsewhere")
    report = verify(lab.folder, lab.store, None)
    assert len(report.faults) == 3
    assert all(fault.is_missing for fault in report.faults)
    assert report.missing_folders == [str(lab.files / "plate")]


def test_moved_files_are_known_by_their_content(lab: Lab) -> None:
    paths = [lab.image(f"old/{n}.tif", n) for n in range(4)]
    lab.take(*paths, reference=True)
    new = lab.files / "new"
    (lab.files / "old").rename(new)
    (new / "1.tif").rename(new / "renamed.tif")
    (new / "2.tif").unlink()
    (new / "3.tif").write_bytes(b"other")
    found = find_moved(lab.folder, lab.store, lab.files / "old", new)
    moved = {Path(one.old.path).name: Path(one.new.path).name for one in found.moved}
    assert moved == {"0.tif": "0.tif", "1.tif": "renamed.tif"}
    assert found.missing == [str(lab.files / "old" / "2.tif")]
    assert found.changed == [str(new / "3.tif")]
    lab.store.relocate(found.moved, user="ada")
    assert len(verify(lab.folder, lab.store, None).faults) == 2


def test_folders_that_are_not_there_are_refused(lab: Lab) -> None:
    lab.take(lab.image("a.tif", 1), reference=True)
    with pytest.raises(DataError, match="There is no folder"):
        find_moved(lab.folder, lab.store, lab.files, lab.files / "gone")
    with pytest.raises(DataError, match="No item refers to a file in"):
        find_moved(lab.folder, lab.store, lab.files / "gone", lab.files)


def test_deleting_removes_copies_and_leaves_referenced_files(lab: Lab) -> None:
    lab.take(lab.image("a.tif", 1))
    lab.take(lab.image("b.tif", 2), reference=True)
    ids = [item.id for item in lab.items()]
    removal = remove_bytes(lab.folder, lab.store, ids, "old", "ada", is_clean=False)
    assert (removal.files, removal.left) == (1, [])
    assert lab.in_data() == []
    assert (lab.files / "b.tif").exists()
    assert [item.excluded for item in lab.items()] == ["deleted: old"] * 2
    assert verify(lab.folder, lab.store, None).is_good
