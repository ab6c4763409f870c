from importlib.metadata import version
from fastmath._native import twice

__version__ = version("fastmath")
