"""What the tests of models share."""

from pathlib import Path

import pytest

from models.text.scorer import TextLabelScorer
from tests.models.made_up import IDENTITY, simulated_scorer


@pytest.fixture(scope="session")
def scorer() -> TextLabelScorer:
    """A scorer of two levels, learnt from simulated tickets."""
    return simulated_scorer()


@pytest.fixture
def folder(scorer: TextLabelScorer, tmp_path: Path) -> Path:
    """The scorer's artefact, free to be altered."""
    scorer.save(tmp_path / "artefact", {**IDENTITY, "labels": 1_500})
    return tmp_path / "artefact"
