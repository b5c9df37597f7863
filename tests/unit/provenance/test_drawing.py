from xml.etree.ElementTree import fromstring

from bioimageit_flow.provenance.drawing import Box, draw_graph

SVG = "{http://www.w3.org/2000/svg}"


def places(svg: str) -> dict[str, tuple[float, float]]:
    return {
        str(group.attrib["data-id"]): (
            float(rect.attrib["x"]),
            float(rect.attrib["y"]),
        )
        for group in fromstring(svg).iter(f"{SVG}g")
        if (rect := group.find(f"{SVG}rect")) is not None
    }


def test_boxes_lie_behind_what_leads_to_them() -> None:
    boxes = [Box(one, one) for one in "dcba"]
    edges = [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")]
    x = {
        name: place[0]
        for name, place in places(draw_graph(boxes, edges, title="t")).items()
    }
    assert x["a"] < x["b"] < x["c"] < x["d"]


def test_what_begins_a_path_stands_right_before_what_takes_it() -> None:
    boxes = [Box(one, one) for one in ("raw", "one", "two", "late")]
    edges = [("raw", "one"), ("one", "two"), ("late", "two")]
    found = places(draw_graph(boxes, edges, title="t"))
    assert found["late"][0] == found["one"][0]


def test_boxes_do_not_overlap() -> None:
    boxes = [Box(f"n{n}", f"n{n}", ("x",) * (n % 4)) for n in range(20)]
    edges = [(f"n{n}", f"n{n + 5}") for n in range(15)]
    found = places(draw_graph(boxes, edges, title="t"))
    known = {box.id: box for box in boxes}
    for a, (x1, y1) in found.items():
        for b, (x2, y2) in found.items():
            if a < b:
                apart_x = x1 + known[a].width <= x2 or x2 + known[b].width <= x1
                apart_y = y1 + known[a].height <= y2 or y2 + known[b].height <= y1
                assert apart_x or apart_y


def test_names_of_strangers_stay_text() -> None:
    name = '<script>alert(1)</script> & "x" \x00 \ud800'
    svg = draw_graph([Box(name, name, (name,))], [], title=name)
    root = fromstring(svg)
    assert root.find(f".//{SVG}script") is None
    assert "<script" not in svg


def test_a_circle_and_unknown_boxes_end_all_the_same() -> None:
    edges = [("a", "b"), ("b", "a"), ("a", "gone"), ("a", "a")]
    svg = draw_graph([Box("a", "a"), Box("b", "b")], edges, title="t")
    assert set(places(svg)) == {"a", "b"}


def test_the_same_graph_gives_the_same_picture() -> None:
    boxes = [Box(one, one) for one in "abc"]
    edges = [("a", "b"), ("a", "c")]
    first = draw_graph(boxes, edges, title="t")
    assert first == draw_graph(boxes, list(reversed(edges)), title="t")
