"""The phrase banks: what customers and agents of the made-up company write, as data."""

from fenzhen.simulate.phrases.bank import Bank, HotIssue, Topic, load_bank

__all__ = ["Bank", "HotIssue", "Topic", "load_bank"]
