import io
import tarfile
from pathlib import Path

import pytest

from bioimageit_flow.errors import DataError
from bioimageit_flow.runtimes.image_files import images_in


@pytest.mark.parametrize("listed", [b"{", b"[" * 100_000, b"[3]", b'[{"Config": 3}]'])
def test_file_whose_list_is_none_is_refused(tmp_path: Path, listed: bytes) -> None:
    path = tmp_path / "image.tar"
    with tarfile.open(path, "w") as file:
        member = tarfile.TarInfo("manifest.json")
        member.size = len(listed)
        file.addfile(member, io.BytesIO(listed))

    with pytest.raises(DataError, match=r"image\.tar"):
        images_in(path)
