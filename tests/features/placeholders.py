"""All placeholders, for texts that hold each of them."""

from features.mask import KINDS

PLACEHOLDERS = "".join(KINDS.values())
