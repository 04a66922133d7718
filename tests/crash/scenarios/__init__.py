"""The scenarios of the house: each action, by the door that people, the worker or the operator use.

A scenario is on the list (tests.crash.scenario) by being read, so whoever reads this package reads all of it.
"""

from importlib import import_module
from pkgutil import iter_modules

for found in iter_modules(__path__):
    import_module(f"{__name__}.{found.name}")
