"""A page and a task that write files, to see real server and worker processes work together."""
