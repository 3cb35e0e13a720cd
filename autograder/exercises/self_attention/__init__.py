"""Exercises of lecture 09, self-attention (Vaswani et al., 2017), one module each."""

from autograder.exercises.self_attention.attention import attention
from autograder.exercises.self_attention.attention_backward import attention_backward
from autograder.exercises.self_attention.attention_mask import attention_mask
from autograder.exercises.self_attention.attention_weights import attention_weights
from autograder.exercises.self_attention.multi_head import multi_head
from autograder.exercises.self_attention.permutation_equivariance import permutation_equivariance
from autograder.exercises.self_attention.positional_encoding import positional_encoding

EXERCISES = (
    attention_weights,
    attention_mask,
    attention,
    multi_head,
    permutation_equivariance,
    positional_encoding,
    attention_backward,
)
