"""What runs inside the sandbox, next to the student's kit and nothing else.

`warm` starts one process that imports what the lecture needs and then, per submission, makes an
`attempt`: a child that locks itself in (`confine`) and runs the student's cells and functions
(`cells`), watched through /proc (`processes`). None of these modules, nor anything they are told,
holds a reference, an expected result or a mistake.
"""
