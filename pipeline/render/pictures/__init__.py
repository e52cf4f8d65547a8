"""Pictures: each in the widths and formats that screens want, clean of what a camera writes.

`make` takes a file's bytes and keeps what it makes; `replace_pictures` lets browsers choose.
"""

from pipeline.render.pictures.encode import kept
from pipeline.render.pictures.formats import Picture, is_picture, make
from pipeline.render.pictures.html import Found, replace_pictures

__all__ = ["Found", "Picture", "is_picture", "kept", "make", "replace_pictures"]
