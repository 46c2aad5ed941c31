"""The tickets that every artefact reproduces touch what could change silently."""

from features.text.mask import KINDS, mask_text
from features.text.normalise import normalise_text
from models.text.golden import GOLDEN_TICKETS


def test_they_hold_what_normalisation_and_masking_must_change() -> None:
    texts = [text for ticket in GOLDEN_TICKETS for text in ticket if text]
    assert (None, None) in GOLDEN_TICKETS
    assert any(len(text) > 500 for text in texts)
    masked = "".join(mask_text(normalise_text(text)) for text in texts)
    assert {KINDS[kind] for kind in ("mobile", "email", "order", "serial")} <= set(masked)
    for sign in ("系统", "wifi", "😭", "プリンター", "won't"):
        assert sign in masked
