"""Lineage queries: from any item back to raw data, and forward to all made from it."""

from bioimageit_flow.provenance.tree import (
    LineageTree,
    lineage_lines,
    trace_back,
    trace_forward,
    trace_in_short,
)

__all__ = [
    "LineageTree",
    "lineage_lines",
    "trace_back",
    "trace_forward",
    "trace_in_short",
]
