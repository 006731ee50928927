"""The Pythons that will do: `make setup` and the virtual environment go by the same ones.

`tools.setup` reads this with any Python: no syntax newer than Python 3.6, no imports.
"""

OLDEST = (3, 11)
TESTED = ("python3.13", "python3.12", "python3.11")
