"""nbgrader's gradebook: the one writer of it, what a person entered there, a verdict as a cell.

`grading` writes through it and `reports` reads from it; it never starts anything.
"""
