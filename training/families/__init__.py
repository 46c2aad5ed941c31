"""What each family of models does in training, one module a family; ``training.family`` says what all of them offer."""
