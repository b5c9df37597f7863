import json

from bioimageit_flow.provenance.report.references import (
    Reference,
    bibtex,
    csl_json,
    ris,
)

FOUND = [
    Reference(1, "10.1109/34.87344", "doi:10.1109/34.87344", ("Watershed", "Split")),
    Reference(2, "", "https://example.org/a tool}", ("Own {tool}",)),
]


def test_bibtex_has_balanced_braces() -> None:
    text = bibtex(FOUND)
    assert text.count("@misc{") == 2
    assert text.count("{") == text.count("}")
    assert "doi = {10.1109/34.87344}" in text
    assert "note = {Cited by Watershed, Split}" in text


def test_ris_has_one_line_per_field() -> None:
    lines = ris(FOUND).split("\r\n")
    assert lines.count("TY  - GEN") == lines.count("ER  - ") == 2
    assert "DO  - 10.1109/34.87344" in lines
    assert all(line == "" or line[2:6] == "  - " for line in lines)


def test_csl_json_is_json_with_dois() -> None:
    first, second = json.loads(csl_json(FOUND))
    assert first["DOI"] == "10.1109/34.87344"
    assert first["URL"] == "https://doi.org/10.1109/34.87344"
    assert "DOI" not in second
    assert second["URL"].startswith("https://example.org")


def test_nothing_to_cite_is_nothing() -> None:
    assert bibtex([]) == ris([]) == ""
    assert json.loads(csl_json([])) == []
