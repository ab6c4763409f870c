"""The scripted engine, for tests and demos."""
