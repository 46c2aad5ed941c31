"""Priorities: rows, baselines, judgement, report."""
