"""What the BioImage Archive asks for: file lists and study metadata."""

from bioimageit_flow.provenance.bia.checking import all_gaps
from bioimageit_flow.provenance.bia.writing import BiaReport, write_bia

__all__ = ["BiaReport", "all_gaps", "write_bia"]
