"""What a command does with a class: grade it, replay a verdict, stand in for nbgrader's own run.

Only `cli` and nbgrader call it; it may call every other room, and is the one that writes.
"""
