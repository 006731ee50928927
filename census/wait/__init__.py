"""The time that a lookup takes: the recent pace, the forecast for one row, the card with it."""
