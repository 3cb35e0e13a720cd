"""Exercises of lecture 00, TITLE, one module each."""
