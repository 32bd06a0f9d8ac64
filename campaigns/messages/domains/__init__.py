"""Does the world know that our mail is ours? What DNS says about a sender's domain."""

from .checks import check, stale
from .findings import Finding, Level

__all__ = ["Finding", "Level", "check", "stale"]
