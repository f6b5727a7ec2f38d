"""Buys tickets of an onsale server, and puts a shop before it."""

from . import problems, types
from .buyer import Buyer
from .client import Onsale, Page, Shop
from .errors import NoAnswer, OnsaleError, Problem, TurnOver
from .problems import ProblemCode
from .proof import solve
from .transport import Retry

__version__ = "0.1.0"
__all__ = [
    "Buyer", "NoAnswer", "Onsale", "OnsaleError", "Page", "Problem", "ProblemCode", "Retry", "Shop", "TurnOver", "problems", "solve", "types",
]
