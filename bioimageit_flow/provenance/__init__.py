"""Lineage queries: from any item back to raw data, and forward to all made from it."""

from bioimageit_flow.provenance.tree import LineageTree, trace_back, trace_forward

__all__ = ["LineageTree", "trace_back", "trace_forward"]
