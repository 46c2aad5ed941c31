"""One file per question: label, features used, estimator, decision rule; and the artefact format and scorers."""
