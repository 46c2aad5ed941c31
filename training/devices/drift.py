"""A fleet as of two moments, as a device version sees it."""

from dataclasses import replace

import pandas as pd

from features.devices.device_points import device_points
from models.devices.scorer import DeviceScorer
from models.devices.spec import DeviceFailureSpec, cohort, known_devices, last_fact
from training.devices.dataset import load_tables
from training.drift.comparison import Compared, Kind
from training.drift.windows import compared_cohorts, trained_until
from training.family import DriftAsk

__all__ = ["compared_fleets"]

GROWING = "age_days"


def compared_fleets(ask: DriftAsk, spec: DeviceFailureSpec) -> Compared:
    """Return the features and, by component and horizon, the probabilities of the fleet at both moments.

    The devices' age decides nothing, nor do probabilities as of a day that the version was fitted on. Raises
    ``TrainingRefused`` for fleets that are too small.
    """
    scorer: DeviceScorer = ask.scorer
    tables, known_after = load_tables(ask.workspace, spec), spec.settings.telemetry_known_after
    answers = {(horizon, part): f"probability_{part}_{horizon}d" for horizon in scorer.risks
               for part in scorer.components}

    def seen(moment: pd.Timestamp) -> pd.DataFrame:
        known = known_devices(tables, moment, known_after)
        assessed = scorer.assess(known, device_points(cohort(known), [moment]))
        ask.advance(len(assessed.points))
        chances = {name: assessed.probabilities[horizon][part] for (horizon, part), name in answers.items()}
        return pd.concat([assessed.features.frame, pd.DataFrame(chances, index=assessed.features.frame.index)], axis=1)

    found = compared_cohorts(ask, last_fact(tables, known_after), seen)
    kinds: dict[str, Kind] = dict.fromkeys(answers.values(), "answer")
    by_itself = {GROWING: "grows with time"}
    if found.spans[0].until <= trained_until(scorer):
        by_itself |= dict.fromkeys(answers.values(), "the version was fitted on the reference")
    return replace(found, kinds=kinds, by_itself=by_itself)
