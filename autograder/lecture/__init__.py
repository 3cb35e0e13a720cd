"""One lecture: source, build, overview, examination, reference, bundle, what a verdict depends on.

Every room above asks here what a lecture is; here nobody knows that there are students.
"""
