"""A spec for each question, and what specs share: labels, estimator, calibration, decisions, artefacts, scorers."""
