"""One file a resource: parameters in, answers out."""
