"""How fast the pages and the verbs are at a size: `python -m benchmarks --help`."""
