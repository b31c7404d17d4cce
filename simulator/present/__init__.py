"""Human-readable results: sentences, tables, figures and the ledger."""
