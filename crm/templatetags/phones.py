"""Phone numbers that a telephone dials when they are touched."""

from django.template import Library

from crm.phones import dialed

register = Library()

register.filter(dialed)
