"""The only door to champions on disk."""

from fenzhen.exports.champion import Champion
from fenzhen.exports.champions import Exports

__all__ = ["Champion", "Exports"]
