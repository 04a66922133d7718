"""Pages that join storeys: the start pages of the three shells (`shells`)."""
