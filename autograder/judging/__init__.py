"""One notebook: reading it, finding the student's part, deciding about it, its inputs as Python.

Called by `grading`, `gradebook` and `reports`; nothing of a student's code runs in here.
"""
