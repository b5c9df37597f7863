"""The panel in which the parameters of the selected nodes are set."""
