"""Exercises of lecture 01, matrix factorization, one module each."""
