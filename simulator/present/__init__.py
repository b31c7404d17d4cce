"""What people read of results: sentences, tables, figures and the ledger."""
