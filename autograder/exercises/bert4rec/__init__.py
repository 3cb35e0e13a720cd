"""Exercises of lecture 10, BERT4Rec, one module each."""
