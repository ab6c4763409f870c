"""What runs hold of a host, which start next, and what is started ahead: all decisions are pure."""
