"""Tables as features as of a moment, a folder a question; pandas, NumPy and SciPy, no learning library."""
