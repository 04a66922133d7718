"""Pages about people: lists and partners (`lists`). Roles, groups and what is decided about one person stand beside."""
