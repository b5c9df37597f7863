"""Looking at results without a window: colours, contrast, objects, plots, scores."""
