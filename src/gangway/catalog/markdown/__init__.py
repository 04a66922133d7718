"""Courses as code: folders and zips of Markdown, turned into our words at the sill.

`read.read_course` is the way in; it touches no database, so it is run before `actions.import_course`.
"""
