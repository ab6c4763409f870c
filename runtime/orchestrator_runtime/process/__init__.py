"""How the shim's process is told to end, and how it ends."""
