"""Quality and speed beside fastText and scikit-learn: ``python -m tests.benchmarks`` writes ``RESULTS.md``."""
