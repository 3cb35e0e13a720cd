"""Exercises of lecture 06, DSSM and two towers, one module each."""
