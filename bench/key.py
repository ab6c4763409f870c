"""The key that the measured API and its client share."""

API_KEY = "bench"
