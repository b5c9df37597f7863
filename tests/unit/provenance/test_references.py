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
    assert (text.count("@article{"), text.count("@misc{")) == (1, 1)
    assert "author = {Vincent, L. and Soille, P.}" in text
    assert "pages = {583--598}" in text
    assert text.count("{") == text.count("}")
    assert "doi = {10.1109/34.87344}" in text
    assert "note = {Cited by Watershed, Split}" in text


def test_ris_has_one_line_per_field() -> None:
    lines = ris(FOUND).split("\r\n")
    assert (lines.count("TY  - GEN"), lines.count("TY  - JOUR")) == (1, 1)
    assert lines.count("ER  - ") == 2
    assert {"AU  - Soille, P.", "PY  - 1991", "SP  - 583", "EP  - 598"} <= {*lines}
    assert "DO  - 10.1109/34.87344" in lines
    assert all(line == "" or line[2:6] == "  - " for line in lines)


def test_csl_json_is_json_with_dois() -> None:
    first, second = json.loads(csl_json(FOUND))
    assert first["DOI"] == "10.1109/34.87344"
    assert first["URL"] == "https://doi.org/10.1109/34.87344"
    assert first["author"][0] == {"family": "Vincent", "given": "L."}
    assert first["issued"] == {"date-parts": [[1991]]}
    assert "DOI" not in second
    assert second["URL"].startswith("https://example.org")


def test_nothing_to_cite_is_nothing() -> None:
    assert bibtex([]) == ris([]) == ""
    assert json.loads(csl_json([])) == []


def test_known_works_are_told_as_people_read_them() -> None:
    known, strange = FOUND
    assert known.words == (
        "Vincent and Soille (1991). Watersheds in digital spaces: an efficient "
        "algorithm based on immersion simulations. IEEE Transactions on Pattern "
        "Analysis and Machine Intelligence 13, 583\u2013598."
    )
    assert strange.words == "https://example.org/a tool}"
    many = Reference(1, "10.1038/s41592-019-0686-2", "", ())
    assert many.words.startswith("Virtanen et al. (2020). SciPy 1.0")
