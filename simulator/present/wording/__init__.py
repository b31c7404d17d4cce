"""What results say: sentences, rows of tables and JSON, from datasets alone."""
