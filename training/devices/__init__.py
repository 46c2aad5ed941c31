"""Device failures: days to learn from, judgement, alerts and what became of them."""
