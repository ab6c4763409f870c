"""Lua scripts and their typed signatures."""
