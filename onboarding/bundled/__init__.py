"""PostgreSQL and Valkey of our own, for a laptop, the demo and the tests."""
