"""Exercises of lecture 05, Field-aware factorization machines, one module each."""
