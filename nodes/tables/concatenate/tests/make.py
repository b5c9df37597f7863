"""Tables for the tests of concatenate."""

from pathlib import Path


def two_spots(path: Path) -> None:
    path.write_text("y,x\n1.50,20\n3,7.75\n", encoding="utf-8")


def no_spots(path: Path) -> None:
    path.write_text("y,x\n", encoding="utf-8")


def spot_with_area(path: Path) -> None:
    path.write_text('area,x\n"9.5",40\n', encoding="utf-8")


def with_condition_column(path: Path) -> None:
    path.write_text("condition,item\nmeasured,12\n", encoding="utf-8")


def ragged(path: Path) -> None:
    path.write_text("y,x\n1,2\n3\n", encoding="utf-8")


def nothing(path: Path) -> None:
    path.write_text("", encoding="utf-8")


def not_text(path: Path) -> None:
    path.write_bytes(b"II*\x00\xff\xfe\x80\x81")
