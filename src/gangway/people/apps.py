from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "gangway.people"
    label = "people"
