"""Workflow Run RO-Crate: one run with its data, for others to read and check."""

from bioimageit_flow.provenance.crate.about import CrateOptions, Subject
from bioimageit_flow.provenance.crate.writing import (
    write_crate,
    write_in_place,
    write_runs,
)

__all__ = ["CrateOptions", "Subject", "write_crate", "write_in_place", "write_runs"]
