"""Checks of the built site. Each module exports PAGE_CHECKS and SITE_CHECKS."""
