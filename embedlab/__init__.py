"""The student's kit: instant checks, executable derivations, data and widgets."""

from embedlab.derivation import Derivation, Step
from embedlab.lecture import Lecture

__all__ = ["Derivation", "Lecture", "Step"]
