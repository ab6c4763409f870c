"""A container-per-run workflow executor on Docker: the control plane."""

__version__ = "0.1.0"
