"""Starts every part of the product, watches them, and stops what it started."""
