"""What a prediction is worth: pure NumPy, the same numbers in training, gate, benchmarks and drift."""

from fenzhen.metrics.abstention import RiskCoverage, coverage_at_precision, risk_coverage, wilson_lower
from fenzhen.metrics.agreement import ClassScore, accuracy, confusion_matrix, macro_f1, per_class_table, top_k_accuracy
from fenzhen.metrics.bootstrap import Interval, bootstrap, paired_bootstrap, paired_bootstrap_macro_f1
from fenzhen.metrics.calibration import ReliabilityBin, expected_calibration_error, reliability_table
from fenzhen.metrics.ordinal import mean_cost, quadratic_weighted_kappa, recall_at_load
from fenzhen.metrics.risk import (
    CalibrationRow,
    Ranking,
    average_precision,
    calibration_by_quantile,
    lift_at,
    paired_risk_bootstrap,
    precision_at,
    recall_at,
    risk_bootstrap,
    roc_auc,
)
from fenzhen.metrics.stability import population_stability_index, psi_by_bin, psi_by_chance, psi_chance_limit

__all__ = [
    "CalibrationRow", "ClassScore", "Interval", "Ranking", "ReliabilityBin", "RiskCoverage", "accuracy",
    "average_precision", "bootstrap", "calibration_by_quantile", "confusion_matrix", "coverage_at_precision",
    "expected_calibration_error", "lift_at", "macro_f1", "mean_cost", "paired_bootstrap", "paired_bootstrap_macro_f1",
    "paired_risk_bootstrap", "per_class_table", "population_stability_index", "precision_at",
    "psi_by_bin", "psi_by_chance", "psi_chance_limit", "quadratic_weighted_kappa", "recall_at", "recall_at_load",
    "reliability_table", "risk_bootstrap", "risk_coverage", "roc_auc", "top_k_accuracy", "wilson_lower",
]
