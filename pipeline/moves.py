"""The stages of redirects: from the front matter and a table to the files that hosts read."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline.check.sources import Output
from pipeline.problems import Problem, ProblemsFound, line_of
from pipeline.render import output, redirects
from pipeline.render.redirects import Redirect

TABLE = "redirects.toml"
FORMS = ("_redirects", "_redirects.nginx", "_redirects.caddy")
ALIASES = re.compile("^aliases:", re.MULTILINE | re.IGNORECASE)


def read_redirects(context: dict[str, Any], contents: list[Any]) -> Iterator[Problem]:
    """Put all redirects into the context, in order; yield what is wrong with the table."""
    found = [redirect for content in contents for redirect in aliases(content)]
    path = Path(context["PATH"], TABLE)
    try:
        if path.exists():
            found += redirects.read_table(path.read_text("utf-8"), str(path))
    except ProblemsFound as error:
        yield from error.problems
    settings = Path(context["THEME"]).parent / "pelicanconf.py"
    for alias, to in context.get("FEED_ALIASES", {}).items():
        found.append(Redirect(f"/{alias}", f"/{to}", str(settings), 0, copied=True))
    context["redirects"] = sorted(found)


def aliases(content: Any) -> Iterator[Redirect]:
    """Yield the redirects to a post or page, where it is published."""
    for alias in getattr(content, "aliases", ()) if content.save_as else ():
        line = line_of(content.document.text, ALIASES)
        yield Redirect(alias, f"/{content.url}", content.source_path, line)


def problems(context: dict[str, Any], files: Collection[str]) -> Iterator[Problem]:
    """Yield what is wrong with the redirects; `files` are the paths of what the site has itself."""
    found = context["redirects"]
    yield from redirects.redirect_problems(found, [*filter(None, files)])
    for form in set(FORMS) & {*files} if found else ():
        must, fix = (
            "must not be a file of yours: it is made of the redirects",
            f"move it to {TABLE}",
        )
        yield Problem(str(Path(context["PATH"], "extra", form)), 0, must, form, fix)


def outputs(context: dict[str, Any]) -> Iterator[Output]:
    """Yield every file that the redirects make, with its source."""
    if context["redirects"]:
        yield from (Output(Path(context["PATH"], TABLE).as_posix(), form) for form in FORMS)
    for redirect in context["redirects"]:
        if redirect.page:
            yield Output(redirect.path, redirect.page)


def write_redirects(generator: Any, writer: Any) -> None:
    """Write the redirects in every form, where there are any."""
    context, folder = generator.context, Path(generator.output_path)
    found = context["redirects"]
    if not found:
        return
    on_host = urlsplit(context["SITEURL"]).path.rstrip("/")
    output.write(folder / "_redirects", redirects.as_underscore(found))
    output.write(folder / "_redirects.nginx", redirects.as_nginx(found, on_host))
    output.write(folder / "_redirects.caddy", redirects.as_caddy(found, on_host))
    template, relative = generator.get_template("redirect"), context["RELATIVE_URLS"]
    for redirect in found:
        if redirect.page:
            to, inside = redirect.to, redirect.to.startswith("/")
            address = redirects.relative(redirect.page, to)
            canonical = f"{context['site_url']}{to}" if inside else to
            more = {"address": address, "canonical": canonical, "url": redirect.source.lstrip("/")}
            writer.write_file(redirect.page, template, context, relative, **more)
