"""The report of a run: one HTML file that needs nothing else."""

from bioimageit_flow.provenance.report.writing import (
    TEMPLATE_NAME,
    ReportOptions,
    built_in_template,
    report_html,
)

__all__ = ["TEMPLATE_NAME", "ReportOptions", "built_in_template", "report_html"]
