"""Exercises of lecture 07, Pairwise and in-batch losses, one module each."""
