"""The settings that differ in production."""

import os
import sys

# The pelican command does not put the project's folder on the path by itself.
sys.path.append(os.path.dirname(os.path.abspath(__file__)))
from pelicanconf import *  # noqa: F403

SITEURL = "https://ben.bolte.cc"
# Drafts are written nowhere.
DRAFT_SAVE_AS = DRAFT_LANG_SAVE_AS = DRAFT_PAGE_SAVE_AS = DRAFT_PAGE_LANG_SAVE_AS = ""
