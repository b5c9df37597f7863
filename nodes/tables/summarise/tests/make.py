"""Tables for the tests of summarise."""

from pathlib import Path


def areas_2_4_6(path: Path) -> None:
    path.write_text("label,area\n1,2\n2,4\n3,6\n", encoding="utf-8")


def area_10(path: Path) -> None:
    path.write_text("label,area\n1,10\n", encoding="utf-8")


def areas_7_9(path: Path) -> None:
    path.write_text("label,area\n1,7\n2,9\n", encoding="utf-8")


def no_areas(path: Path) -> None:
    path.write_text("label,area\n", encoding="utf-8")


def words(path: Path) -> None:
    path.write_text("shape\nround\n", encoding="utf-8")
