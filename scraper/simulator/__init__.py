"""Simulate the Registraduría's census pages and the captcha service.

Everything it says is invented. docs/simulator.md lists the magic numbers.
"""

from scraper.simulator.server import Simulator

__all__ = ["Simulator"]
