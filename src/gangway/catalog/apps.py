from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "gangway.catalog"
    label = "catalog"
