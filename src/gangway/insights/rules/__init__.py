"""What the figures mean and how they are worked out: pure, no Django, no clock, no database."""
