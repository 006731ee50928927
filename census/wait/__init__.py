"""How long a lookup takes: the recent pace, the forecast for one row, the card that shows it."""
