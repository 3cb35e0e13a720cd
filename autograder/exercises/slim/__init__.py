"""Exercises of lecture 03, SLIM (Ning and Karypis, 2011), one module each."""
