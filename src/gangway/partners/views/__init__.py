"""Pages about partners that know nothing of their people: bring a file, edit one, name types and tiers."""
