"""What candidates did before, as of a moment: states that are fed, and the vectorised path to the same counts."""
