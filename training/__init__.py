"""Datasets, splits, evaluation, gate, promotion and the command line."""
