"""Which texts a model has been fitted on, as hashes, so that a later comparison can leave them out."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.text.normalise_many import normalise_many

__all__ = ["FINGERPRINTS", "fingerprints", "seen_by"]

FINGERPRINTS = "fingerprints.npy"
"""The artefact's file of sorted fingerprints."""


def fingerprints(texts: Sequence[str]) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each text without white space, so that cut and raw text of a kind are alike.

    >>> fingerprints(["打印机 卡纸"])[0] == fingerprints(["打印机卡纸"])[0]
    np.True_
    """
    digests = (
        hashlib.blake2b(text.replace(" ", "").encode("utf-8", "surrogatepass"), digest_size=8).digest()
        for text in normalise_many(texts)
    )
    return np.frombuffer(b"".join(digests), dtype="<u8")


def seen_by(known: NDArray[np.uint64], texts: Sequence[str]) -> NDArray[np.bool_]:
    """Return which texts are among the fingerprints of a model."""
    return np.isin(fingerprints(texts), known)
