"""Measures this machine: plain Docker and orchestrators of its own, in turns, in one call."""
