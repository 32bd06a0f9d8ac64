"""Takes in what the store and the ERP report."""

from .resolvers import register_buyer_resolver

__all__ = ["register_buyer_resolver"]
