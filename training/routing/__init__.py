"""Groups and people: studies of the past, judgement, replays under another policy."""
