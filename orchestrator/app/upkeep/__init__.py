"""A data directory saved, put back, copied; and a host that is left as it was found."""
