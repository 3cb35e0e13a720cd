"""Exercises of lecture 13, mixing on graphs (Kipf and Welling, 2017), one module each."""
