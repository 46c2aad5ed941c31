"""Customers who leave: snapshots, judgement, scoring, backtests."""
