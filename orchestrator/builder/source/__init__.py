"""A repo's files: fetched, packed, unpacked and listed."""
