"""A container-per-run workflow executor on Docker: the control plane."""
