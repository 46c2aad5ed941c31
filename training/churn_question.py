"""Whether a churn version answers what the workspace asks."""

from fenzhen.errors import TrainingRefused
from models.churn import ChurnSpec
from models.churn_scorer import ChurnScorer

__all__ = ["refuse_another_question"]


def refuse_another_question(spec: ChurnSpec, scorer: ChurnScorer) -> None:
    """Raise ``TrainingRefused`` for a version of another ``horizon_days``, ``label`` or ``kinds`` than the settings'.

    The order of kinds says nothing, and a version that does not tell one of them is believed.
    """
    settings, told = spec.settings, scorer.manifest
    asked = {"horizon_days": settings.horizon_days, "label": settings.label, "kinds": sorted(settings.kinds)}
    trained = {"horizon_days": scorer.horizon_days, "label": told.get("label", settings.label),
               "kinds": sorted(told.get("kinds", settings.kinds))}
    for name, expected in asked.items():
        if trained[name] != expected:
            raise TrainingRefused(f"{spec.name}: got a version trained for {name} = {trained[name]!r}, expected "
                                  f"{expected!r} as the workspace says; train again")
