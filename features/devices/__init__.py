"""What devices measured, wrote, suffered and had repaired, as of a moment."""
