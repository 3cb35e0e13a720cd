"""Exercises of the small lecture that the machinery is tested on."""
