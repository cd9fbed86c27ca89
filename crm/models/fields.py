from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.languages import language_tag


class CodeField(models.CharField):
    """A key that people type: trimmed and upper-cased on the way in, in look-ups too."""

    def to_python(self, value):
        value = super().to_python(value)
        return value.strip().upper() if isinstance(value, str) else value

    def get_prep_value(self, value):
        return self.to_python(super().get_prep_value(value))

    def pre_save(self, instance, add):
        value = self.to_python(getattr(instance, self.attname))
        setattr(instance, self.attname, value)
        return value


class PhoneField(models.CharField):
    """A phone number as it was given; only letters are refused (domain 2.15)."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_length", 30)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    default_validators = [
        RegexValidator(
            r"[^\W\d_]", message=_("A phone number has no letters."), code="letters", inverse_match=True
        )
    ]


def language_exists(tag):
    if language_tag(tag) is None:
        raise ValidationError(
            _("“%(tag)s” is not a language. Enter its tag, like es or fr-CH."),
            code="language",
            params={"tag": tag},
        )


class LanguageField(models.CharField):
    """A language by its BCP 47 tag, written as the standard does on the way in, in look-ups too (architecture 2.9)."""

    default_validators = [language_exists]

    def to_python(self, value):
        value = super().to_python(value)
        return language_tag(value) or value.strip() if isinstance(value, str) else value

    def get_prep_value(self, value):
        return self.to_python(super().get_prep_value(value))

    def pre_save(self, instance, add):
        value = self.to_python(getattr(instance, self.attname))
        setattr(instance, self.attname, value)
        return value

    def deconstruct(self):
        """As the text that it is in the database."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class WebField(models.URLField):
    """An address of the web; one typed without a scheme means https."""

    def formfield(self, **kwargs):
        return super().formfield(**{"assume_scheme": "https", **kwargs})
