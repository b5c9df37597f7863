"""An experiment with a folder of files beside it, to import from."""

from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from bioimageit_flow.model.data import Item
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.importing import ImportReport, import_files
from bioimageit_flow.stores.protocol import Store


class Lab:
    """An experiment, and a folder of files beside it."""

    def __init__(self, folder: ExperimentFolder, store: Store, files: Path) -> None:
        self.folder, self.store, self.files = folder, store, files

    def image(self, name: str, seed: int = 0) -> Path:
        """Write a small TIFF, different for each seed."""
        path = self.files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = np.full((8, 8), seed, np.uint8)
        tifffile.imwrite(path, data, metadata=None)
        return path

    def take(self, *paths: Path, dataset: str = "raw", **more: Any) -> ImportReport:  # noqa: ANN401
        return import_files(self.folder, self.store, paths, dataset=dataset, **more)

    def items(self) -> list[Item]:
        return list(self.store.items())

    def in_data(self) -> list[str]:
        data = self.folder.path / "data"
        files = (one for one in data.rglob("*") if one.is_file())
        return sorted(one.relative_to(data).as_posix() for one in files)
