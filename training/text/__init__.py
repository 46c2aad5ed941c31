"""Labels of texts: rows, baselines, judgement."""
