"""`invoke adopt`: this blog without its author's content and names, as the beginning of another."""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from datetime import date
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import resvg_py
from PIL import Image

from pipeline.content.scaffold import new_post, slug_of
from pipeline.problems import Problem, ProblemsFound, relative
from pipeline.settings import Settings

CODE = "adopt"
# A mark to begin with; the color is the theme's accent.
MARK = (
    '<svg class="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" '
    'focusable="false"><circle cx="16" cy="16" r="13.5" fill="none" stroke="currentColor" '
    'stroke-width="3"/><circle cx="16" cy="16" r="5" fill="currentColor"/></svg>\n'
)
ICON_SIZES, LOGO_SIZE = (16, 32, 48), 144  # pixels
ACCENT = re.compile(r"--accent:\s*light-dark\((#\w+),\s*(#\w+)\)")
CONTENT = {
    "tags.toml": '# Every tag, with a sentence about it\nnotes = "Short texts."\n',
    "pages/404.md": "Title: Page not found\nStatus: hidden\nSave_as: 404.html\n"
    "Summary: There is no page at this address.\n\nThere is no page at this address.\n",
    "pages/about.md": "Title: About\nSummary: Who writes {name}.\n\nI write {name}.\n",
    "pages/quotes.md": "Title: Quotes\nDate: {today}\nSummary: Quotes that I like.\n\n"
    "> Per aspera ad astra.\n>\n> — Latin proverb: through hardships to the stars\n"
    "> {{: lang=la }}\n",
    "extra/robots.txt": "User-agent: *\nAllow: /\n\nSitemap: {url}/sitemap.xml\n",
}


def adopt(settings: Settings, name: str, url: str, author: str, today: date) -> Iterator[str]:
    """Empty the content, write the settings, draw icons, and begin a first post.

    Yields what is done. What git ignores stays. Raises ProblemsFound unless git has everything else
    as it is, so that nothing is lost.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not name.strip():
        hint = 'invoke adopt "A name" https://host.example/folder/'
        raise ProblemsFound([Problem(CODE, url, 0, "not a name and a URL", hint)])
    git = shutil.which("git")
    state = subprocess.run([git, "status", "--porcelain"], capture_output=True) if git else None
    if not state or state.returncode or state.stdout:
        hint = "git init, git add ., git commit: then what is removed can be had again"
        raise ProblemsFound([Problem(CODE, "", 0, "not all files are in git as they are", hint)])
    url, feed_id = url.rstrip("/"), f"tag:{parts.hostname},{today.year}:feeds"
    own = {
        "AUTHOR": repr(author or name),
        "SITENAME": repr(name),
        "SITESUBTITLE": '"What this is about, in a sentence."',
        "SITEURL": repr(url),
        "FEED_ID": repr(feed_id),
        "SOCIAL": "()",
        "AUTHOR_INTRO": '""',
        "AUTHOR_EMAIL": '""',
        "EPUB": repr(f"{slug_of(name) or 'blog'}.epub"),
        "FEED_ALIASES": "{}",
    }
    assign(Path("pelicanconf.py"), own)
    yield f"wrote   pelicanconf.py: {name}, {url}"
    content = Path(relative(settings.path))
    command = [str(git), "ls-files", "-z", str(content), "tests/content"]
    known = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
    for path in map(Path, filter(None, known)):
        path.unlink()
    for path in sorted(content.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
        elif path.is_file():
            yield f"kept    {path}: git ignores it"
    for file, text in CONTENT.items():
        (content / file).parent.mkdir(parents=True, exist_ok=True)
        text = text.format(name=name, url=url, today=today.isoformat())
        (content / file).write_text(text, "utf-8", newline="\n")
    yield f"emptied {content}/ and wrote {', '.join(CONTENT)}"
    mark = Path(settings.theme, "templates/partials/mark.svg")
    mark.write_text(MARK, "utf-8", newline="\n")
    yield from draw_icons(settings)
    readme = Path("README.md").read_text("utf-8").partition("\n")[2]
    Path("README.md").write_text(f"# {name}\n{readme}", "utf-8", newline="\n")
    settings = Settings(settings.file, path=str(content), article_paths=("posts",), feed_id=feed_id)
    yield f"began   {new_post(settings, 'A first post', today)}"
    yield "next: docs/your-own-blog.md; ./invoke serve"


def assign(file: Path, values: Mapping[str, str]) -> None:
    """Write other values, as Python, to names that a settings file assigns; comments stay."""
    lines = file.read_text("utf-8").split("\n")
    for node in reversed(ast.parse("\n".join(lines)).body):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        name = target.id if isinstance(target, ast.Name) else ""
        if name in values:
            value = values[name].replace("'", '"') if '"' not in values[name] else values[name]
            types = {"()": ": tuple[tuple[str, str], ...]", "{}": ": dict[str, str]"}
            lines[node.lineno - 1 : node.end_lineno] = [f"{name}{types.get(value, '')} = {value}"]
    file.write_text("\n".join(lines), "utf-8", newline="\n")


def draw_icons(settings: Settings) -> Iterator[str]:
    """Draw the icons of browsers and feeds from the theme's mark, in its accent color."""
    theme, extra = Path(settings.theme), Path(relative(settings.path), *settings.extra_paths[:1])
    mark = (theme / "templates/partials/mark.svg").read_text("utf-8").strip()
    css = "".join(path.read_text("utf-8") for path in sorted(theme.rglob("tokens.css")))
    light, dark = match.groups() if (match := ACCENT.search(css)) else ("#444444", "#bbbbbb")
    colors = f"svg{{color:{light}}}@media(prefers-color-scheme:dark){{svg{{color:{dark}}}}}"
    root, shapes = mark.split(">", 1)
    root = re.sub(r' (?:class|width|height|aria-hidden)="[^"]*"', "", root)
    svg = root.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"') + f">{shapes}"
    icon = svg.replace(">", f"><style>{colors}</style>", 1)
    (extra / "favicon.svg").write_text(f"{icon}\n", "utf-8", newline="\n")
    drawn = svg.replace("currentColor", light)
    images = {
        size: Image.open(BytesIO(bytes(resvg_py.svg_to_bytes(drawn, width=size, height=size))))
        for size in (*ICON_SIZES, LOGO_SIZE)
    }
    first, *others = (images[size] for size in reversed(ICON_SIZES))
    sizes = [(size, size) for size in ICON_SIZES]
    first.save(extra / "favicon.ico", sizes=sizes, append_images=others)
    logo = Image.new("RGB", (LOGO_SIZE, LOGO_SIZE), "white")
    logo.paste(images[LOGO_SIZE], mask=images[LOGO_SIZE].convert("RGBA").getchannel("A"))
    logo.save(extra / "feed.png", optimize=True)
    yield f"drew    favicon.svg, favicon.ico and feed.png in {extra}/ from the theme's mark.svg"
