"""The orchestrator that a command talks to, or starts."""
