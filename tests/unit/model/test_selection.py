import pytest

from bioimageit_flow.errors import QueryError, WorkflowError
from bioimageit_flow.model.selection import Subset, read_binding


@pytest.mark.parametrize(
    ("text", "datasets", "where"),
    [
        ("raw", ("raw",), None),
        (" raw ", ("raw",), None),
        ("day1, day2", ("day1", "day2"), None),
        ("raw where dose > 5", ("raw",), "dose > 5"),
        ("day1,day2 where dose > 5", ("day1", "day2"), "dose > 5"),
        ("where dose > 5", (), "dose > 5"),
    ],
)
def test_binding_says_datasets_and_query(
    text: str, datasets: tuple[str, ...], where: str | None
) -> None:
    binding = read_binding(text)

    assert binding.datasets == datasets
    assert (binding.where.text if binding.where else None) == where


def test_name_of_a_dataset_wins_over_the_grammar() -> None:
    binding = read_binding("a where b, c", ["a where b, c"])

    assert binding.datasets == ("a where b, c",)
    assert binding.where is None


def test_single_items_are_bound_by_id() -> None:
    assert read_binding("items 0a1b-2c, 3d4e").ids == ("0a1b-2c", "3d4e")


def test_query_with_a_mistake_says_where() -> None:
    with pytest.raises(QueryError, match="character"):
        read_binding("raw where dose >")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"limit": 0}, "leaves nothing"),
        ({"pilot": -1, "by": ("a",)}, "leaves nothing"),
        ({"limit": 1, "pilot": 1, "by": ("a",)}, "two ways"),
        ({"pilot": 2}, "each value of 'by'"),
        ({"items": ("a",), "limit": 1}, "would take others"),
        ({"items": ("a",), "pilot": 1, "by": ("a",)}, "would take others"),
        ({"by": ("a",)}, "each value of 'by'"),
    ],
)
def test_contradicting_subset_is_refused(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(WorkflowError, match=words):
        Subset(**wrong)  # type: ignore[arg-type]


def test_subset_says_itself_in_words() -> None:
    assert Subset().is_all
    assert Subset(where="dose > 5", limit=3).words == "where dose > 5, the first 3"
    assert Subset(items=("a",)).words == "one chosen item"
    assert Subset(where="dose > 5", items=("a", "b")).words == (
        "where dose > 5, 2 chosen items"
    )
    assert not Subset(items=("a",)).is_all
    assert Subset(pilot=2, by=("a", "b")).words == "2 of each a and b"
