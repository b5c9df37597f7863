"""The desktop editor's window: PySide6 here, NodeGraphQt in ``canvas`` alone."""
