"""The settings that differ in production."""

import os
import sys

# The pelican command does not put the project's folder on the path by itself.
sys.path.append(os.path.dirname(os.path.abspath(__file__)))
from pelicanconf import *  # noqa: F403

# Drafts are not written.
DRAFT_SAVE_AS = DRAFT_LANG_SAVE_AS = DRAFT_PAGE_SAVE_AS = DRAFT_PAGE_LANG_SAVE_AS = ""

# Targets of `invoke publish`: docs/publishing.md has the kinds and their options.
PUBLISH_TARGETS = {
    # A web server on this machine serves public/current.
    "directory": {"kind": "directory", "path": "public"},
    # .github/workflows/pages.yml deploys the folder _site.
    "pages": {"kind": "artifact", "url": SITEURL},  # noqa: F405
}
PUBLISH_TARGET = "directory"
