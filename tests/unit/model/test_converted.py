"""What was converted for a job is said in words."""

from bioimageit_flow.model.converted import conversions_of
from bioimageit_flow.model.fingerprint import InputPart
from bioimageit_flow.model.ids import Sha256


def part(form: str, converter: str = "", **corrected: object) -> dict[str, object]:
    content = Sha256("0" * 64)
    return InputPart(content, "", form, {}, converter, corrected).parts()


def test_files_given_as_they_are_need_no_words() -> None:
    assert conversions_of({}) == ()
    assert conversions_of({"inputs": {"image": [part("ome-tiff")]}}) == ()


def test_format_and_converter_with_its_version_are_named() -> None:
    said = conversions_of({"inputs": {"image": [part("nd2", "nd2/1/1")]}})

    assert said == ("image: converted from ND2 to OME-TIFF by nd2/1/1",)


def test_correction_is_named() -> None:
    image = part("ome-tiff", "ome-tiff/1", time_step_s=2.0)

    assert conversions_of({"inputs": {"image": [image]}}) == (
        "image: rewritten with corrected time_step_s by ome-tiff/1",
    )


def test_members_of_a_group_are_counted() -> None:
    images = [part("czi", "czi/1/1"), part("tiff"), part("czi", "czi/1/1")]

    assert conversions_of({"inputs": {"images": images}}) == (
        "images: 2 of 3 converted from CZI to OME-TIFF by czi/1/1",
    )
