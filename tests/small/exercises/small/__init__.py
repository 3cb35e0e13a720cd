"""Exercises of the small lecture that the machinery is tested on."""

from autograder.exercises.small.centred import centred
from autograder.exercises.small.largest import largest
from autograder.exercises.small.spread import spread
from autograder.exercises.small.squared_length import squared_length

EXERCISES = (centred, squared_length, spread, largest)
