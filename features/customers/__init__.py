"""What customers do, went through and are bound by, as of a moment."""
