"""What people write: one spelling, personal data masked, words, n-grams and their counts."""
