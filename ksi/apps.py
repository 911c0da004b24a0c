from django.apps import AppConfig


class KsiConfig(AppConfig):
    name = "ksi"
    verbose_name = "KSI"
