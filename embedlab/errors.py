"""Errors that students meet: plain sentences with a remedy, and no traceback in a notebook."""


class StudentError(Exception):
    """An error whose message is all that a student needs.

    The message says what is wrong and what to do about it. IPython and JupyterLab print the message
    alone; outside a notebook it is an ordinary exception with its traceback.
    """

    def _render_traceback_(self) -> list[str]:
        """Return the lines IPython shows in place of a traceback."""
        return str(self).splitlines()


class DataError(StudentError):
    """A bundled data file is missing or is not the file that the course published."""
