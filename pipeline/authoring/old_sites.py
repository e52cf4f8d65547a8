"""Sites of Jekyll, Hugo and Eleventy: their settings, their posts, and the posts' addresses."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dateutil.parser import ParserError
from dateutil.parser import parse as parse_date

from pipeline.problems import Problem, ProblemsFound

CODE = "import"
JEKYLL, HUGO, ELEVENTY = "Jekyll", "Hugo", "Eleventy"
# What shows that a folder is such a site's root
MARKERS = {
    JEKYLL: "_config.yml _config.yaml _posts",
    HUGO: "hugo.toml hugo.yaml hugo.yml hugo.json config.toml config/_default",
    ELEVENTY: ".eleventy.js eleventy.config.js eleventy.config.mjs eleventy.config.cjs",
}
# The setting that names the folder of the texts, and its default
FOLDERS = {JEKYLL: ("source", "."), HUGO: ("contentDir", "content"), ELEVENTY: ("input", ".")}
TEXTS = (".md", ".markdown", ".mkd", ".html")
SKIPPED = {"node_modules", "_site", "_includes", "_layouts", "public", "themes", "vendor"}
DATED = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})-(.+)")
FRONT_MATTER = re.compile(r"(---|\+\+\+)[ \t]*\n(.*?)^\1[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
# https://jekyllrb.com/docs/permalinks/#built-in-formats
STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "none": "/:categories/:title:output_ext",
}
DATES = (
    "year=%Y month=%m day=%d short_year=%y y_day=%j yearday=%j hour=%H minute=%M second=%S "
    "week=%V monthname=%B weekdayname=%A i_month=%-m i_day=%-d"
)


@dataclass(frozen=True)
class OldSite:
    """A site: its generator, its root, and its settings, whose values are strings."""

    kind: str
    root: Path
    config: Mapping[str, Any]

    @property
    def url(self) -> str:
        """The address of the site, as its settings say."""
        config = {key.lower(): value for key, value in self.config.items()}
        return f"{config.get('url', '') if self.kind == JEKYLL else ''}{config.get('baseurl', '')}"

    @property
    def base(self) -> str:
        """The path of the site's address, without a slash at its end."""
        return urlsplit(self.url).path.rstrip("/")

    @property
    def folder(self) -> Path:
        """The folder of the texts."""
        name, default = FOLDERS[self.kind]
        return self.root / str(self.config.get(name) or default)


@dataclass(frozen=True)
class OldPost:
    """A post as it was: its file, front matter, and text, which begins after `line` of the file.

    `name` is the file's name without date and ending, `date` is aware. `address` is from the host's
    root ("": a template computes it).
    """

    path: Path
    meta: Mapping[str, Any]
    body: str
    line: int
    name: str
    date: datetime
    timed: bool
    draft: bool
    address: str = ""

    def words(self, *keys: str) -> list[str]:
        """Return the values of some keys: the items of lists, and strings."""
        found = [self.meta.get(key) or [] for key in keys]
        return [str(v) for value in found for v in (value if isinstance(value, list) else [value])]

    def text(self, *keys: str) -> str:
        """Return the first of some keys that is a string that is not empty."""
        found = (self.meta.get(key) for key in keys)
        return next((" ".join(v.split()) for v in found if isinstance(v, str) and v.strip()), "")


def problem(path: Path, line: int, message: str, hint: str = "") -> ProblemsFound:
    """Return what is wrong with an old site."""
    return ProblemsFound([Problem(CODE, str(path), line, message, hint)])


def open_site(path: Path) -> OldSite:
    """Return the site that a folder is the root of, or lies in. Raises ProblemsFound."""
    for folder in (path.resolve(), *path.resolve().parents):
        for kind, names in MARKERS.items():
            for file in (folder / name for name in names.split()):
                if file.exists():
                    return OldSite(kind, folder, read_config(kind, file))
    hint = "PATH is the folder with _config.yml, hugo.toml or eleventy.config.js, or one below it"
    raise problem(path, 0, "no site of Jekyll, Hugo or Eleventy", hint)


def read_config(kind: str, file: Path) -> Mapping[str, Any]:
    """Return a site's settings; of Eleventy's script only the folder of the texts."""
    if kind == ELEVENTY:
        found = re.search(r"""\binput\s*:\s*["']([^"']+)""", file.read_text("utf-8"))
        return {"input": found[1]} if found else {}
    config: dict[str, Any] = {}
    for part in sorted(file.glob("*.*")) if file.is_dir() else [file]:
        if part.suffix in (".toml", ".yaml", ".yml", ".json"):
            own = parse_meta(part.read_text("utf-8"), part)
            config |= own if part == file or part.stem in ("hugo", "config") else {part.stem: own}
    return config


def parse_meta(text: str, file: Path, toml: bool | None = None, line: int = 0) -> dict[str, Any]:
    """Return TOML (None: if the file's name says so) or YAML with all values as strings.

    `line` is that before the text. Raises ProblemsFound, also where PyYAML is not installed.
    """
    toml = file.suffix == ".toml" if toml is None else toml
    try:
        import yaml
    except ImportError:
        raise problem(file, 0, "PyYAML is missing", "./invoke install import") from None
    try:
        # BaseLoader makes strings alone, so that a title `Yes` or `1.0` is not changed.
        found = tomllib.loads(text) if toml else yaml.load(text, yaml.BaseLoader)
    except (tomllib.TOMLDecodeError, yaml.YAMLError) as error:
        mark, place = getattr(error, "problem_mark", None), re.search(r"line (\d+)", str(error))
        number = line + (mark.line + 1 if mark else int(place[1]) if place else 1)
        message = getattr(error, "problem", "") or str(error)
        raise problem(file, number, f"not {'TOML' if toml else 'YAML'}: {message}") from None
    return as_strings(found) if isinstance(found, dict) else {}


def as_strings(value: Any) -> Any:
    """Return a value with all in it that is no list and no mapping as a string."""
    if isinstance(value, dict):
        return {str(key): as_strings(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_strings(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_post(site: OldSite, file: Path, today: date) -> OldPost | None:
    """Return a post, or None for what is none; a draft without a date gets `today`.

    Raises ProblemsFound.
    """
    parts = {*file.relative_to(site.root).parts}
    if (site.kind == JEKYLL and not {"_posts", "_drafts"} & parts) or file.stem == "_index":
        return None
    try:
        text = file.read_text("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise problem(file, 0, "not UTF-8", "save it as UTF-8") from None
    match = FRONT_MATTER.match(text)
    if not match:
        return None
    meta = parse_meta(match[2], file, match[1] == "+++", 1)
    stem = file.parent.name if file.stem == "index" else file.stem
    dated = DATED.fullmatch(stem)
    written = [str(each) for each in (meta.get("date"), dated and dated[1]) if each]
    draft = "_drafts" in parts or meta.get("draft") == "true" or meta.get("published") == "false"
    if not written and not draft:
        return None
    moment = None if written else datetime.combine(today, time())
    for each in written:
        with suppress(ParserError, OverflowError):
            moment = moment or parse_date(each)
    if moment is None:
        raise problem(file, 1, f"not a date: {written[0]!r}")
    try:
        zone = ZoneInfo(str(site.config.get("timezone") or site.config.get("timeZone") or "UTC"))
    except (ValueError, OSError):
        zone = ZoneInfo("UTC")
    moment = moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
    timed = ":" in "".join(written) and moment.time() != time()
    name, line = dated[2] if dated else stem, match[0].count("\n")
    post = OldPost(file, meta, text[match.end() :], line, name, moment, timed, draft)
    return replace(post, address=old_address(site, post))


def old_address(site: OldSite, post: OldPost) -> str:
    """Return where a post was; "" where a template decides that we do not run."""
    known = dict(tokens(site, post))
    template = post.text("permalink", "url") or permalink(site, known)
    template = STYLES.get(template, template)
    used = re.findall(r":([a-z_]+)", template)
    if "{{" in template or not {*used} <= {*known}:
        return ""
    path = re.sub(r":([a-z_]+)", lambda match: known[match[1]], template)
    path = re.sub("//+", "/", f"{site.base}/{path}").removesuffix("index.html")
    is_folder = site.kind == HUGO and not path.endswith(".html")
    return f"{path.lower().rstrip('/')}/" if is_folder else path


def permalink(site: OldSite, known: Mapping[str, str]) -> str:
    """Return the permalink of posts that have none of their own; `known` are the tokens of one."""
    config = site.config
    if site.kind == JEKYLL:
        collections = config.get("collections")
        own = collections.get("posts", {}) if isinstance(collections, dict) else {}
        all = [own, *(each.get("values", {}) for each in config.get("defaults") or []), config]
        return str(next(filter(None, [values.get("permalink") for values in all]), "date"))
    if site.kind == HUGO:
        rules = config.get("permalinks") or {}
        rules = {**rules, **(rules.get("page") or {})}
        return str(rules.get(known["section"]) or "/:sections/:slugorcontentbasename/")
    # https://www.11ty.dev/docs/permalinks/: without the date; `name/name.md` is one folder
    folded = known["sections"].split("/")[-1] == known["name"]
    return "/:sections/" if folded else "/:sections/:name/"


def tokens(site: OldSite, post: OldPost) -> Iterator[tuple[str, str]]:
    """Yield the tokens of permalinks and their values, of Jekyll and of Hugo.

    https://jekyllrb.com/docs/permalinks/#placeholders, https://gohugo.io/configuration/permalinks/
    """
    for token, _, form in (each.partition("=") for each in DATES.split()):
        value = post.date.strftime(form.replace("-", ""))
        yield token, value.lstrip("0") if "-" in form else value
    slug = post.text("slug")
    inside = post.path.is_relative_to(site.folder)
    parts = list(post.path.parent.relative_to(site.folder if inside else site.root).parts)
    yield "name", post.name
    if site.kind == JEKYLL:
        above = [p for p in parts if not p.startswith("_")]
        given = post.text("categories").split() or post.words("categories")
        words = [word.lower() for word in [*above, *post.words("category"), *given]]
        title = re.sub(r"[^\w.~!$&'()+,;=@-]+", "-", slug or post.name).strip("-")
        yield from (("categories", "/".join(dict.fromkeys(words))), ("output_ext", ".html"))
        yield from (("title", title), ("slug", title.lower()), ("collection", "posts"))
        return
    languages = [site.config.get("defaultContentLanguage", "en"), *site.config.get("languages", ())]
    base = post.path.stem
    if base == "index":
        base = parts.pop() if parts else ""
    parts = parts[1:] if parts[:1] and parts[0] in languages else parts
    title = re.sub(r"[^\w.~/-]+", "-", post.text("title").lower()).strip("-")
    yield from (("section", "".join(parts[:1])), ("sections", "/".join(parts)))
    yield from (("title", title), ("slug", slug or title))
    for name in ("filename", "contentbasename"):
        yield from ((name, base), (f"slugor{name}", slug or base))
