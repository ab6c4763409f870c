"""The image of a repo: planned, and its build context written."""
