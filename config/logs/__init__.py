"""The format of log lines, gunicorn's included, and the id that joins the lines of one request."""
