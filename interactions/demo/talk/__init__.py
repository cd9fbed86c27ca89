"""What is said between a lighting firm and its customers, in four languages: {place}, {product} and {n} are filled in."""

from . import en, es, fr, ru

LANGUAGES = {"en": en, "es": es, "fr": fr, "ru": ru}
