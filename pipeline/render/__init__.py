"""From what was read to the files of the site."""
