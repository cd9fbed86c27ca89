import re


def dialed(number):
    """A phone number as a telephone takes it: "+44 (0) 1632 960-064" -> "+441632960064"."""
    return re.sub(r"[^\d+*#]", "", number.replace("(0)", "") if number.startswith("+") else number)
