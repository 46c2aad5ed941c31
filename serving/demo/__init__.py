"""``fenzhen demo``: a made-up company, its models trained and served, and its next tickets answered."""
