"""Tables to feature frames as of a moment: pandas, NumPy and the segmenter, no learning library."""
