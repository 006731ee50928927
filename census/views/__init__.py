"""The pages: each loads rows, calls one service, and renders."""
