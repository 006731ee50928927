"""Who looked at whose data, what people may take along, and what is deleted when."""
