"""The pure core: values and `now` in, values and effects out; no I/O, clock or randomness."""
