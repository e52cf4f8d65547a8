"""Content that is checked as it is read: front matter, Markdown, typography."""
