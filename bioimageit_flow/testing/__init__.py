"""Contract tests and real, small implementations for authors of plug-ins."""
