"""What tests of hostile crates share."""

from pathlib import Path

import pytest

from bioimageit_flow.errors import DataError, FlowError
from bioimageit_flow.session import Session
from bioimageit_flow.session.reproducing import reproduce


def tree(folder: Path) -> dict[str, int]:
    """Return what lies in a folder, with sizes."""
    return {
        path.relative_to(folder).as_posix(): path.lstat().st_size
        for path in folder.rglob("*")
        if not path.is_dir()
    }


def refusal(
    crate: Path, elsewhere: Session, tmp_path: Path, error: type[FlowError] = DataError
) -> str:
    """Return with what words a crate is refused; nothing may be left or changed."""
    before = tree(tmp_path)
    with pytest.raises(error) as caught:
        reproduce(crate, tmp_path / "again", session=elsewhere)
    assert tree(tmp_path) == before
    assert not (tmp_path / "again").exists()
    return str(caught.value)
