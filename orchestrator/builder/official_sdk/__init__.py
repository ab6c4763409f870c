"""Which release of the official SDK a repo's tasks need."""
