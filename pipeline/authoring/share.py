"""`invoke share`: a post for one reader, as one file that loads nothing."""

from base64 import b64encode
from contextlib import redirect_stdout
from datetime import date, timedelta
from html import escape
from io import StringIO
from mimetypes import guess_type
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from urllib.parse import unquote

from pipeline.authoring.move import find_source
from pipeline.build import build, load_settings
from pipeline.content.sources import SHARED
from pipeline.feeds.entry_html import to_feed_html
from pipeline.html import plain, rewrite_urls
from pipeline.problems import Problem, ProblemsFound, relative

FOLDER = Path("shared")
# The numbers of paragraphs are for answers: "in 7 I would …".
STYLE = """
:root { color-scheme: light dark; font: 1.1rem/1.55 Charter, Cambria, Georgia, serif; }
main { max-width: 36rem; margin: auto; padding: 1rem 1rem 4rem 3rem; overflow-wrap: break-word; }
main > p { counter-increment: paragraph; position: relative; }
main > p::before { content: counter(paragraph); position: absolute; inset-inline-end: 100%;
    margin-inline-end: 1rem; font: 0.75rem/2.2 sans-serif; opacity: 0.7; }
img { max-width: 100%; height: auto; }
pre, table { overflow-x: auto; display: block; }
.notice { padding: 0.5rem 1rem; border: 1px solid; font: 0.9rem/1.5 sans-serif; }
"""
PAGE = """<!doctype html>
<html lang="{lang}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>{title}</title>
<style>{style}</style>
<main>
<div class="notice">{notice}</div>
<h1>{title}</h1>
{html}
</main>
</html>
"""


def share(settings_file: str, name: str, reader: str, today: date, days: int = 0) -> Path:
    """Write a post or page, draft or not, as a file with its images in it; return its path.

    `name` is its folder or file, `reader` whom it is for. Links lead to the published site. With
    `days` it is a folder, images beside the text, that `invoke publish` publishes for so long under
    a name that nobody can guess. Raises ProblemsFound.
    """
    settings = load_settings(settings_file)
    source, images = find_source(settings, name), dict[str, bytes]()
    paths = [relative(str(path)) for path in (source, source / "index.md")]
    with TemporaryDirectory() as folder, redirect_stdout(StringIO()):
        built = build(settings_file, ["--output", f"{folder}/output"])
        content = next((c for c in built.site.contents if c.document.path in paths), None)
        if content is None:
            raise ProblemsFound([Problem("share", paths[0], 0, "is not built")])
        base = f"{built.settings.site}{content.url}"

        def change(attribute: str, address: str) -> str:
            file = built.folder / unquote(address.removeprefix(built.settings.site))
            if attribute == "src" and file.is_file() and days:
                images[file.name] = file.read_bytes()
                return file.name
            if attribute == "src" and file.is_file():
                data = b64encode(file.read_bytes()).decode()
                return f"data:{guess_type(file.name)[0]};base64,{data}"
            return address.removeprefix(base) if address.startswith(f"{base}#") else address

        html = rewrite_urls(to_feed_html(content.html, base), change)
    day = f"{today.day} {today:%B %Y}"
    state = "Draft" if content.status == "draft" else "Copy"
    whom = f" for {escape(reader)}" if reader else ""
    text = PAGE.format(
        lang=content.lang,
        title=escape(plain(content.document.title)),
        style=STYLE,
        notice=f"{state} of {day}{whom}, by {escape(content.author)}. The paragraphs are numbered, "
        "so that you can answer to them.",
        html=html,
    )
    path = FOLDER / f"{source.stem if source.is_file() else source.name}.html"
    if days:
        shared = Path(relative(settings.path), *settings.extra_paths[:1], SHARED)
        path = shared / f"{today + timedelta(days)}-{token_hex(8)}" / "index.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    for image, data in images.items():
        (path.parent / image).write_bytes(data)
    path.write_text(text, "utf-8", newline="\n")
    return path
