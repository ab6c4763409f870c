"""HTTP for everybody, of whom each may only take its share."""
