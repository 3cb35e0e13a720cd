"""Exercises of lecture 11, PCA as matrix factorization, one module each."""
