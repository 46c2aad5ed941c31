"""All placeholders, for texts that hold each of them."""

from features.text.mask import KINDS

PLACEHOLDERS = "".join(KINDS.values())
