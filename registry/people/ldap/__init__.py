"""The parts that people/directory.py is made of: bytes into entries, names, pages, groups, and words for faults."""
