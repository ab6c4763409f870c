"""What requests say: bodies, queries, names and repos, read and checked."""
