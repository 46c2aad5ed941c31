"""A folder a question, and what they share: calibration, thresholds, decisions, policy, artefacts, trees."""
