"""Which classes are taken for which others, and how often."""

import numpy as np
import pandas as pd

from training.evaluation.evaluate import Evaluation


def confusion_pairs(evaluation: Evaluation, limit: int | None = None) -> pd.DataFrame:
    """Return true, predicted, rows and share of the true class's rows, most frequent pair first."""
    wrong = evaluation.confusion.copy()
    np.fill_diagonal(wrong, 0)
    true, predicted = np.nonzero(wrong)
    support = evaluation.confusion.sum(axis=1)
    classes = np.asarray(evaluation.classes, dtype=object)
    count = wrong[true, predicted]
    table = pd.DataFrame({"true": classes[true], "predicted": classes[predicted], "rows": count,
                          "share_of_true": count / np.maximum(support[true], 1)})
    return table.sort_values(["rows", "share_of_true"], ascending=False, kind="stable", ignore_index=True)[:limit]
