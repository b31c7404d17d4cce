"""What can be asked of a model: each analysis takes a model and settings and gives labelled data."""
