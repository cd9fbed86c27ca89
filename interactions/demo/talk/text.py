def lines(text):
    """The lines of *text* as a list."""
    return text.strip().splitlines()
