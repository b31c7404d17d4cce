"""Which inputs a quantity depends on, and how sure that is. One method a file."""
