"""Workflow Run RO-Crate: one run with its data, for others to read and check."""

from bioimageit_flow.provenance.crate.writing import CrateOptions, write_crate

__all__ = ["CrateOptions", "write_crate"]
