"""Orders and credit notes from files: the same events as through the API."""

from .kind import KIND
from .load import Loaded, load

__all__ = ["KIND", "Loaded", "load"]
