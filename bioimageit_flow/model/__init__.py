"""Frozen values of the field: ports, tools, data, runs, lineage. No input or output."""
