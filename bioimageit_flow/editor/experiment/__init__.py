"""The experiment panel without its window: bindings, rows, queries, forms."""
