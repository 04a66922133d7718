"""django-scim2 as its own documentation sets it up, on the house's database: what `gangway bench scim` stands beside.

A Django of its own, whose settings are gangway.config.peer.settings; no module of the house imports it.
"""
