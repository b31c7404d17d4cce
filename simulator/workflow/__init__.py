"""The commands for Python: the same analyses, stored in the same files and reused."""
