"""Fingerprints: equal for equal work, and a miss is explained in words."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.fingerprint import (
    Fingerprint,
    Frame,
    InputPart,
    explain_difference,
)
from bioimageit_flow.model.ids import Sha256


def image(digit: str, **annotations: object) -> InputPart:
    return InputPart(Sha256(digit * 64), "", "ome-tiff", annotations)


OLD = Fingerprint(
    tool="skimage/gaussian@1.0.0",
    code=Sha256("c" * 64),
    environment="lock sha256:" + "e" * 64,
    command=("python", "/tool/gaussian.py", "--sigma={sigma}"),
    parameters={"sigma": 1.5, "mode": "reflect"},
    inputs={"image": (image("1"), image("2"), image("3", condition="drug"))},
    seed=7,
)

Change = Callable[[Fingerprint], Fingerprint]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda old: replace(old, tool="skimage/gaussian@1.1.0"),
            "tool version skimage/gaussian@1.0.0 -> skimage/gaussian@1.1.0",
        ),
        (lambda old: replace(old, code=Sha256("d" * 64)), "the tool's code changed"),
        (
            lambda old: replace(old, environment="image sha256:0"),
            "image or environment changed",
        ),
        (lambda old: replace(old, command=("python",)), "command changed"),
        (lambda old: replace(old, seed=8), "seed changed"),
        (
            lambda old: replace(old, parameters={"sigma": 2, "mode": "reflect"}),
            "sigma 1.5 -> 2",
        ),
        (
            lambda old: replace(old, parameters={"sigma": 1.5}),
            "mode reflect -> (none)",
        ),
        (
            lambda old: replace(
                old, inputs={"image": (image("1"), image("9"), image("8"))}
            ),
            "image: 2 of 3 inputs new",
        ),
        (
            lambda old: replace(old, inputs={"image": (image("1"), image("2"))}),
            "image: 1 of 3 inputs gone",
        ),
        (
            lambda old: replace(old, inputs={"image": old.inputs["image"][::-1]}),
            "image: inputs in other order",
        ),
        (
            lambda old: replace(
                old,
                inputs={"image": (*old.inputs["image"][:2], image("3", condition="a"))},
            ),
            "image: 1 of 3 inputs with other annotations",
        ),
        (
            lambda old: replace(
                old,
                inputs={
                    "image": (
                        replace(
                            old.inputs["image"][0],
                            converter="ome-tiff/1",
                            corrected={"pixel_size_um": {"x": 0.5}},
                        ),
                        image("7"),
                        old.inputs["image"][2],
                    )
                },
            ),
            "image: 1 of 3 inputs with corrected metadata, 1 of 3 inputs new",
        ),
        (
            lambda old: replace(
                old,
                inputs={
                    "image": tuple(
                        replace(one, converter="czi/2/1") for one in old.inputs["image"]
                    )
                },
            ),
            "image: 3 of 3 inputs converted in another way",
        ),
        (lambda old: replace(old, inputs={}), "image: 3 of 3 inputs gone"),
    ],
)
def test_each_part_counts_and_its_change_is_explained(
    change: Change, words: str
) -> None:
    new = change(OLD)
    assert new.digest() != OLD.digest()
    assert explain_difference(OLD.parts(), new.parts()) == words


def test_equal_work_has_an_equal_fingerprint() -> None:
    parameters = {"mode": "reflect", "sigma": 1.5}
    assert replace(OLD, parameters=parameters).digest() == OLD.digest()


def test_a_number_may_be_spelled_either_way() -> None:
    one = replace(OLD, parameters={"sigma": 2})
    other = replace(OLD, parameters={"sigma": 2.0})
    assert one.digest() == other.digest()
    assert explain_difference(one.parts(), other.parts()) == ""


def test_parts_read_back_from_the_store_are_the_same() -> None:
    stored = json.loads(canonical_json(OLD.parts()))
    assert explain_difference(stored, OLD.parts()) == ""


def test_other_way_of_making_fingerprints_is_named() -> None:
    old = OLD.parts() | {"version": 0}
    assert explain_difference(old, OLD.parts()) == (
        "the way fingerprints are made changed"
    )


def test_several_changes_are_all_named() -> None:
    new = replace(OLD, seed=8, parameters={"sigma": 3, "mode": "wrap"})
    assert explain_difference(OLD.parts(), new.parts()) == (
        "seed changed, mode reflect -> wrap, sigma 1.5 -> 3"
    )


@given(
    st.dictionaries(
        st.text(), st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    ),
    st.lists(st.sampled_from("123"), max_size=3),
    st.text(),
)
def test_digest_by_what_jobs_share_is_that_of_all_parts(
    parameters: dict[str, object], digits: list[str], tool: str
) -> None:
    first = replace(OLD, parameters=parameters, tool=tool)
    other = replace(first, inputs={"image": tuple(map(image, digits))})

    frame = Frame.of(first)

    assert frame.digest(first) == first.digest()
    assert frame.digest(other) == other.digest()
