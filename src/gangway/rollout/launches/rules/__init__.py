"""Decisions of launches: what a wave and a launch may become (`states`), what holds a partner back (`holds`), whom a
nudge is for (`nudges`). Pure."""
