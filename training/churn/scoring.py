"""A whole cohort scored as of a moment: probabilities, levels with hysteresis, reasons when they are read."""

from fenzhen.errors import TrainingRefused
from fenzhen.known import as_known
from models.churn.details import ChurnDetails
from models.churn.levels import risk_levels
from models.churn.outcomes import has_time
from models.churn.scorer import ChurnScorer
from models.churn.spec import ChurnSpec, customer_index, one_row_each
from training.churn.backtest import cohort_frame
from training.churn.question import refuse_another_question
from training.churn.tables import churn_tables
from training.family import ScoreAsk, Scored


def scored_cohort(ask: ScoreAsk) -> Scored:
    """Return the frame and details of everyone in the cohort at ``as_of``, by id.

    Levels remember those of the store's last scoring before ``as_of``. Raises ``TrainingRefused`` for a version trained
    for another question, for columns that the customers' table lacks and for a cohort without members.
    """
    spec: ChurnSpec = ask.spec  # type: ignore[assignment]
    scorer: ChurnScorer = ask.scorer
    refuse_another_question(spec, scorer)
    tables = churn_tables(ask.workspace, spec)
    known = as_known(tables, ask.as_of)
    rows = spec.cohort(known, ask.as_of) if has_time(tables) else spec.rows(known, ask.as_of, customer_index(tables))
    if not len(rows):
        raise TrainingRefused(f"{spec.name}: the cohort {spec.settings.cohort!r} has no members before "
                              f"{ask.as_of.isoformat()}")
    scores = scorer.scores(rows)
    before = {} if ask.store is None else ask.store.levels_before(spec.name, ask.as_of.to_pydatetime())
    levels = risk_levels(scores, spec.capacity(len(rows)),
                         [before.get((entity, "")) for entity in rows.history.index])
    frame = cohort_frame(spec, rows.history.index, ask.as_of, scorer.calibration.probabilities(scores), levels)
    ask.advance(len(frame))
    return Scored(frame, ChurnDetails(scorer, rows, one_row_each(known)["customers"], spec.settings))
