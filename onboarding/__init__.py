"""The roof: everything that makes the project run. Nobody imports it."""
