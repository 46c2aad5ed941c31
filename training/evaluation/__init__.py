"""How good a model is on rows that it was not fitted on, in numbers, pictures and words."""
