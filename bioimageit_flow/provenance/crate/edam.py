"""The terms of EDAM that tools and files are described with, by their names there.

EDAM is an ontology of operations, topics, kinds of data and formats in the life
sciences; its terms are CC BY-SA 4.0 and known by their addresses.
"""

from collections.abc import Iterable, Mapping

from bioimageit_flow.provenance.crate.graph import Graph, Ref

EDAM = "http://edamontology.org/"

# https://edamontology.org, version 1.25
NAMES: Mapping[str, str] = {
    "data_1669": "P-value",
    "data_2884": "Plot",
    "format_2330": "Textual format",
    "format_3464": "JSON",
    "format_3591": "TIFF",
    "format_3603": "PNG",
    "format_3604": "SVG",
    "format_3727": "OME-TIFF",
    "format_3752": "CSV",
    "format_3915": "Zarr",
    "operation_0337": "Visualisation",
    "operation_2238": "Statistical calculation",
    "operation_3436": "Aggregation",
    "operation_3443": "Image analysis",
    "operation_3658": "Statistical inference",
    "topic_0092": "Data visualisation",
    "topic_2269": "Statistics and probability",
    "topic_3366": "Data integration and warehousing",
    "topic_3383": "Bioimaging",
}
"""The terms of built-in tools, and of the formats of files."""


def add_terms(graph: Graph, terms: Iterable[str]) -> list[Ref]:
    """Add terms; one that is not known here is named by its number."""
    return [
        graph.add(EDAM + term, "DefinedTerm", name=NAMES.get(term, term))
        for term in terms
    ]
