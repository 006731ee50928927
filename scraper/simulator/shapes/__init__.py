"""Simulate each generation of the census page, in one module per shape with its `SHAPE`.

A module put here is found by itself. Only the name joins it to the scraper's description of the
same shape: what one side has wrong must not be wrong on the other too.
"""

from importlib import import_module
from pkgutil import iter_modules

from scraper.simulator.shape import Shape

SHAPES: dict[str, Shape] = {
    shape.name: shape
    for module in iter_modules(__path__, f"{__name__}.")
    for shape in [import_module(module.name).SHAPE]
}
"""By name."""
