from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bioimageit_flow.editor.lineage.layers import layered

SIZE = (100.0, 40.0)


def placed(arrows: list[tuple[str, str]], extra: str = "") -> dict[str, float]:
    keys = dict.fromkeys([*(key for pair in arrows for key in pair), *extra])
    places = layered(dict.fromkeys(keys, SIZE), arrows)
    return {key: x for key, (x, _) in places.items()}


def test_each_box_stands_behind_all_that_lead_to_it() -> None:
    columns = placed([("a", "b"), ("b", "c"), ("a", "c")])
    assert columns["a"] < columns["b"] < columns["c"]


def test_what_begins_a_path_stands_right_before_what_takes_it() -> None:
    columns = placed([("a", "b"), ("b", "c"), ("psf", "c")])
    assert columns["psf"] == columns["b"]


def test_a_box_without_arrows_has_a_place() -> None:
    assert set(placed([("a", "b")], "x")) == {"a", "b", "x"}
    assert layered({}, []) == {}


def test_rows_of_a_fan_follow_each_other_without_crossing() -> None:
    arrows = [(f"raw{n}", f"job{n}") for n in range(9)]
    keys = [*(a for a, _ in arrows), *(b for _, b in reversed(arrows))]
    places = layered(dict.fromkeys(keys, SIZE), arrows)
    raw = [places[f"raw{n}"][1] for n in range(9)]
    jobs = [places[f"job{n}"][1] for n in range(9)]
    assert raw == sorted(raw)
    assert jobs == sorted(jobs)


@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=40))
def test_no_arrow_goes_back_and_no_boxes_overlap(pairs: list[tuple[int, int]]) -> None:
    arrows = [(str(min(a, b)), str(max(a, b))) for a, b in pairs if a != b]
    keys = {key for pair in arrows for key in pair}
    places = layered(dict.fromkeys(sorted(keys), SIZE), arrows)
    assert all(places[a][0] < places[b][0] for a, b in arrows)
    taken = sorted(places.values())
    for (x, y), (other_x, other_y) in pairwise(taken):
        assert x != other_x or other_y - y >= SIZE[1]
