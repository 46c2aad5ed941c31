"""What a prediction is worth: pure NumPy, the same numbers in training, gate, benchmarks and drift."""

from fenzhen.metrics.abstention import RiskCoverage, coverage_at_precision, risk_coverage, wilson_lower
from fenzhen.metrics.agreement import ClassScore, accuracy, confusion_matrix, macro_f1, per_class_table, top_k_accuracy
from fenzhen.metrics.bootstrap import Interval, bootstrap, paired_bootstrap, paired_bootstrap_macro_f1
from fenzhen.metrics.calibration import ReliabilityBin, expected_calibration_error, reliability_table

__all__ = [
    "ClassScore", "Interval", "ReliabilityBin", "RiskCoverage", "accuracy", "bootstrap", "confusion_matrix",
    "coverage_at_precision", "expected_calibration_error", "macro_f1", "paired_bootstrap",
    "paired_bootstrap_macro_f1", "per_class_table", "reliability_table", "risk_coverage", "top_k_accuracy",
    "wilson_lower",
]
