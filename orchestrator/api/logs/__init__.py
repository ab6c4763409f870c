"""What runs and builds printed: read, searched and followed."""
