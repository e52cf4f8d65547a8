"""Releases: check the site, show what changes, deploy it, go back to an earlier release."""
