"""Demo data: a firm with its contacts and two years of history, the same for the same seed and day."""
