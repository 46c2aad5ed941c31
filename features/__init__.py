"""Tables as features as of a moment, a folder a subject; pandas, NumPy and SciPy, no learning library."""
