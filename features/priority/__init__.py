"""What recent tickets alike say about a ticket's urgency, as of its creation."""
