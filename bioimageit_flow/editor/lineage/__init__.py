"""The lineage panel without its window: what is drawn of the history of an item."""
