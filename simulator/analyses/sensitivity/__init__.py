"""Which inputs a quantity depends on, and how sure that is: `ranking` ranks by any of `methods`."""
