"""One file per command of ``fenzhen``; heavy imports wait until a command runs."""
