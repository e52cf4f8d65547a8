"""From sources to documents: front matter, Markdown, typography, links."""
