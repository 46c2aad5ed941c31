"""Texts as features: normalised, masked, cut into words and counted; pandas, NumPy and SciPy, no learning library."""
