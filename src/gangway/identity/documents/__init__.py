"""Papers about connections in the reader's words: one content for page, PDF, Markdown and command."""
