"""Exercises of lecture 09, self-attention (Vaswani et al., 2017), one module each."""
