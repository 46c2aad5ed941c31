"""Who should take tickets: routes, answers, the team as it is now, and whole queues."""
