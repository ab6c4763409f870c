"""The command line: finds an orchestrator, asks it over HTTP, and shows the answer."""
