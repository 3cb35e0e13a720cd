"""Exercises of lecture 04, factorization machines (Rendle, 2010), one module each."""
