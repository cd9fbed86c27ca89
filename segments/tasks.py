"""What workers know of segments."""

from . import editing, jobs, steps  # noqa: F401  register the kinds of jobs
