"""The base of all errors that end a command with a sentence instead of a traceback."""


class UserError(Exception):
    """Something whoever runs the command can mend; its text says what, where and how."""
