import pytest

from bioimageit_flow.model.parameter import Parameter
from bioimageit_flow.workflow.document import Node, Sweep
from bioimageit_flow.workflow.rules import check_with
from bioimageit_flow.workflow.sweeps import swept_values, variants_of
from tests.builders import a_document, a_tool

FLOAT = Parameter.model_validate({"type": "float", "default": 1.0})
PARAMETERS = {
    "sigma": {"type": "float", "default": 1.0},
    "size": {"type": "int", "default": 1},
    "method": {
        "type": "choice",
        "default": "a",
        "choices": [{"value": "a"}, {"value": "b"}],
    },
}


@pytest.mark.parametrize(
    ("wanted", "values"),
    [
        ({"from": 0, "to": 1, "count": 5}, [0, 0.25, 0.5, 0.75, 1]),
        ({"from": 0.1, "to": 0.5, "step": 0.1}, [0.1, 0.2, 0.3, 0.4, 0.5]),
        ({"from": 5, "to": 1, "step": -2}, [5, 3, 1]),
        ({"from": 0, "to": 1, "step": 0.4}, [0, 0.4, 0.8]),
        ({"from": 1, "to": 1000, "count": 4, "log": True}, [1, 10, 100, 1000]),
        ({"from": 3, "to": 9, "count": 1}, [3]),
    ],
)
def test_range_has_the_values_that_people_expect(
    wanted: dict[str, float], values: list[float]
) -> None:
    assert swept_values(Sweep.model_validate({"range": wanted}), FLOAT) == values


def swept(**sweeps: object) -> Node:
    parameters = {name: {"sweep": sweep} for name, sweep in sweeps.items()}
    return Node.model_validate({"tool": "test/blur@1.0.0", "parameters": parameters})


def test_node_without_sweep_has_one_variant() -> None:
    (variant,) = variants_of(swept(), a_tool(parameters=PARAMETERS))

    assert variant.values == ()


def test_sweeps_make_a_grid_in_order() -> None:
    node = swept(sigma={"values": [1, 2]}, method={"values": ["a", "b"]})

    variants = variants_of(node, a_tool(parameters=PARAMETERS))

    assert [tuple(one.value for one in each.values) for each in variants] == [
        (1, "a"),
        (1, "b"),
        (2, "a"),
        (2, "b"),
    ]


def test_zipped_sweeps_go_together_and_make_a_grid_with_the_others() -> None:
    node = swept(
        sigma={"values": [1, 2], "zip": "z"},
        method={"values": ["a", "b"]},
        size={"values": [3, 4], "zip": "z"},
    )

    variants = variants_of(node, a_tool(parameters=PARAMETERS))

    found = [{one.key: one.value for one in each.values} for each in variants]
    assert len(found) == 4
    assert {(one["sigma"], one["size"]) for one in found} == {(1, 3), (2, 4)}


def problems(nodes: dict[str, dict[str, object]]) -> list[str]:
    document = a_document(
        {name: {"wires": {"image": "images"}, **node} for name, node in nodes.items()}
    )
    tools = {name: a_tool(f"test/{name}", parameters=PARAMETERS) for name in nodes}
    return [one.text for one in check_with(document, tools)]


def test_one_key_for_two_sweeps_is_named() -> None:
    found = problems(
        {
            "a": {"parameters": {"sigma": {"sweep": {"values": [1, 2]}}}},
            "b": {"parameters": {"sigma": {"sweep": {"values": [1, 2]}}}},
        }
    )

    assert found == ["a.sigma and b.sigma are both swept under the key 'sigma'."]


def test_zip_of_different_lengths_is_named() -> None:
    sweep = {"values": [1, 2], "zip": "z"}
    found = problems(
        {
            "a": {"parameters": {"sigma": {"sweep": sweep}}},
            "b": {"parameters": {"size": {"sweep": {"values": [1], "zip": "z"}}}},
        }
    )

    assert "zipped as 'z', but have 2 and 1 values" in found[0]


def test_too_many_combinations_are_refused() -> None:
    wanted = {"range": {"from": 1, "to": 200, "step": 1}}
    found = problems(
        {"a": {"parameters": {"sigma": {"sweep": wanted}, "size": {"sweep": wanted}}}}
    )

    assert "40000 combinations" in found[0]


@pytest.mark.parametrize(
    ("sweep", "words"),
    [
        ({"range": {"from": 1, "to": 2}}, "either 'step' or 'count'"),
        ({"range": {"from": 1, "to": 2, "step": 1, "log": True}}, "needs 'count'"),
        ({}, "either 'values' or 'range'"),
        ({"values": [1], "range": {"from": 1, "to": 2, "step": 1}}, "either"),
    ],
)
def test_malformed_sweep_is_refused_by_the_file(
    sweep: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        swept(sigma=sweep)
