"""What the BioImage Archive asks for: file lists and study metadata."""

from bioimageit_flow.provenance.bia.checking import data_gaps
from bioimageit_flow.provenance.bia.writing import BiaReport, write_bia

__all__ = ["BiaReport", "data_gaps", "write_bia"]
