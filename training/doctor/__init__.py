"""What `fenzhen doctor` looks at."""
