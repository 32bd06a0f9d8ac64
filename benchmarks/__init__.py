"""How fast we are, beside others and beside the limit: `python -m benchmarks NAME`.

Each module here is one benchmark and holds a `BENCHMARK` (see `harness`); a
trailing underscore of its file name is not part of its name.
"""
