"""Middleware, error pages and the installable app: what concerns every answer of the web server."""
