from django.core.management.commands import makemessages

# Django copies the plural rule of its own catalog into a new one: three forms for Spanish, four for Russian, and leaves
# room for two. These are the rules that our catalogs are written by.
PLURALS = {
    "es": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
    "ru": (
        "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);"
    ),
}


class Command(makemessages.Command):
    help = "Django's makemessages with the conventions of this project. `make messages` runs it. Needs GNU gettext."

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.set_defaults(
            no_obsolete=True,
            no_wrap=True,
            add_location="file",
            ignore_patterns=["node_modules", "static/vendor", "staticfiles", "data", "build", "tests"],
        )

    def copy_plural_forms(self, msgs, locale):
        msgs = super().copy_plural_forms(msgs, locale)
        if locale not in PLURALS:
            return msgs
        line = f'"Plural-Forms: {PLURALS[locale]}\\n"'
        return makemessages.plural_forms_re.sub(lambda match: line, msgs, count=1)
