"""People: persons at one partner each, their groups, roles and preferences. Does not know how they sign in."""
