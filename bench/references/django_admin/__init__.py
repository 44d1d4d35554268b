"""Django's admin over the journal's tables, and a journal page beside it, as who knows Django writes it."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """The reference as an application of Django."""

    name = "bench.references.django_admin"
    label = "journal"
