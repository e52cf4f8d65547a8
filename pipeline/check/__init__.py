"""Checks of the built site. Each module exports PAGE_CHECKS, FILE_CHECKS or SITE_CHECKS."""
