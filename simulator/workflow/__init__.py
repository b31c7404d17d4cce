"""What the verbs of the command line do, for Python: the same analyses, reused alike, in the same files."""
