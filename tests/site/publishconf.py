"""The settings of the test site that differ in production."""

from pathlib import Path
from runpy import run_path

HERE = Path(__file__).resolve().parent
# By its path: `import pelicanconf` would give whichever was imported first, maybe the author's.
settings = run_path(str(HERE / "pelicanconf.py"))
globals().update({name: value for name, value in settings.items() if name.isupper()})

# Drafts are written nowhere.
DRAFT_SAVE_AS = DRAFT_LANG_SAVE_AS = DRAFT_PAGE_SAVE_AS = DRAFT_PAGE_LANG_SAVE_AS = ""

PUBLISH_TARGETS = {
    "directory": {"kind": "directory", "path": str(HERE / "public")},
    "pages": {"kind": "artifact", "path": str(HERE / "_site"), "url": settings["SITEURL"]},
}
PUBLISH_TARGET = "directory"
