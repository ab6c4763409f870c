"""What programs that start runs import; errors and types need no httpx."""
