"""Whether a churn version answers what the workspace asks."""

from models.churn.scorer import ChurnScorer
from models.churn.spec import ChurnSpec
from training.asked_question import require_same_question

__all__ = ["refuse_another_question"]


def refuse_another_question(spec: ChurnSpec, scorer: ChurnScorer) -> None:
    """Raise ``TrainingRefused`` for a version of another ``horizon_days``, ``label`` or ``kinds`` than the settings'.

    The order of kinds says nothing, and a version that does not tell one of them is believed.
    """
    settings, told = spec.settings, scorer.manifest
    asked = {"horizon_days": settings.horizon_days, "label": settings.label, "kinds": sorted(settings.kinds)}
    trained = {"horizon_days": scorer.horizon_days, "label": told.get("label", settings.label),
               "kinds": sorted(told.get("kinds", settings.kinds))}
    require_same_question(spec.name, asked, trained)
