"""Sites of Jekyll, Hugo and Eleventy: their settings, their posts, and the posts' addresses."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
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
    JEKYLL: ("_config.yml", "_config.yaml", "_posts"),
    HUGO: ("hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config.toml", "config/_default"),
    ELEVENTY: (".eleventy.js", *(f"eleventy.config.{end}" for end in ("js", "mjs", "cjs"))),
}
TEXTS = (".md", ".markdown", ".mkd", ".html")
SKIPPED = {"node_modules", "_site", "_includes", "_layouts", "public", "themes", "vendor"}
DATED = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})-(.+)")
FRONT_MATTER = re.compile(r"\ufeff?(---|\+\+\+)[ \t]*\n(.*?)^\1[ \t]*(?:\n|\Z)", re.DOTALL | re.M)
# https://jekyllrb.com/docs/permalinks/#built-in-formats
STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}

Meta = Mapping[str, Any]  # strings, and lists and mappings of them


@dataclass(frozen=True)
class OldSite:
    """A site: its generator, its root and its settings, all values as strings."""

    kind: str
    root: Path
    config: Meta

    @cached_property
    def url(self) -> str:
        """The address of the site, as its settings say."""
        config = {key.lower(): value for key, value in self.config.items()}
        if self.kind == JEKYLL:
            return f"{config.get('url', '')}{config.get('baseurl', '')}"
        return str(config.get("baseurl", ""))

    @property
    def base(self) -> str:
        """The path of the site's address, without a slash at its end."""
        return urlsplit(self.url).path.rstrip("/")

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of dates without one."""
        try:
            return ZoneInfo(
                str(self.config.get("timezone") or self.config.get("timeZone") or "UTC")
            )
        except (ValueError, OSError):
            return ZoneInfo("UTC")

    @cached_property
    def folder(self) -> Path:
        """The folder of the texts."""
        names = {JEKYLL: "source", HUGO: "contentDir", ELEVENTY: "input"}
        return self.root / str(
            self.config.get(names[self.kind]) or ("content" if self.kind == HUGO else ".")
        )

    @property
    def files(self) -> tuple[Path, ...]:
        """The folders whose files are at the site's root."""
        return self.folder, *(self.root / name for name in (".", "static", "public", "assets"))


@dataclass(frozen=True)
class OldPost:
    """A post as it was: its file, front matter, and text, which begins on `line` of the file.

    `name` is the file's name without date and ending, `date` is aware. `address` is from the host's
    root ("": it cannot be known from the files alone).
    """

    path: Path
    meta: Meta
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


def open_site(path: Path) -> OldSite:
    """Return the site that a folder is the root of, or lies in. Raises ProblemsFound."""
    path = path.resolve()
    for folder in (path, *path.parents):
        for kind, names in MARKERS.items():
            if found := [folder / name for name in names if (folder / name).exists()]:
                return OldSite(kind, folder, read_config(kind, found[0]))
    hint = "PATH is the folder with _config.yml, hugo.toml or eleventy.config.js, or one below it"
    raise ProblemsFound([Problem(CODE, str(path), 0, "no site of Jekyll, Hugo, Eleventy", hint)])


def read_config(kind: str, file: Path) -> Meta:
    """Return a site's settings; of Eleventy's script only the folder of the texts."""
    if kind == ELEVENTY:
        found = re.search(r"""\binput\s*:\s*["']([^"']+)""", file.read_text("utf-8"))
        return {"input": found[1]} if found else {}
    if not file.is_dir():
        return parse_meta(file.read_text("utf-8"), file, toml=file.suffix == ".toml")
    config: dict[str, Any] = {}
    for part in sorted(file.glob("*.*")):
        if part.suffix in (".toml", ".yaml", ".yml", ".json"):
            own = parse_meta(part.read_text("utf-8"), part, toml=part.suffix == ".toml")
            config |= own if part.stem in ("hugo", "config") else {part.stem: own}
    return config


def parse_meta(text: str, file: Path, toml: bool, line: int = 0) -> dict[str, Any]:
    """Return TOML or YAML with all values as strings. `line` is that before the text.

    Raises ProblemsFound, also where PyYAML is not installed.
    """
    try:
        import yaml
    except ImportError:
        hint = "./invoke install import"
        raise ProblemsFound([Problem(CODE, str(file), 0, "PyYAML is missing", hint)]) from None
    try:
        # BaseLoader makes strings alone, so that a title `Yes` or `1.0` is not changed.
        found = tomllib.loads(text) if toml else yaml.load(text, yaml.BaseLoader)
    except (tomllib.TOMLDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        place = re.search(r"line (\d+)", str(error))
        number = line + (mark.line + 1 if mark else int(place[1]) if place else 1)
        message = f"not {'TOML' if toml else 'YAML'}: {getattr(error, 'problem', '') or error}"
        raise ProblemsFound([Problem(CODE, str(file), number, message)]) from None
    return as_strings(found) if isinstance(found, dict) else {}


def as_strings(value: Any) -> Any:
    """Return a value with all in it that is no list and no mapping as a string."""
    if isinstance(value, dict):
        return {str(key): as_strings(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_strings(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_posts(
    site: OldSite, path: Path, today: date
) -> tuple[list[OldPost], list[Path], list[Problem]]:
    """Return the posts below `path`, oldest first, the texts that are no posts, and what is wrong.

    A draft without a date gets `today`.
    """
    posts, others, problems = [], [], []
    for file in sorted(path.resolve().rglob("*")):
        parts = file.relative_to(site.root).parts
        if file.suffix not in TEXTS or SKIPPED & {*parts} or not file.is_file():
            continue
        try:
            post = read_post(site, file, today)
        except ProblemsFound as error:
            problems += error.problems
            continue
        if post:
            posts.append(post)
        elif file.suffix != ".html":
            others.append(file)
    return sorted(posts, key=lambda post: (post.date, post.path)), others, problems


def read_post(site: OldSite, file: Path, today: date) -> OldPost | None:
    """Return a post, or None for what is none. Raises ProblemsFound."""
    parts = file.relative_to(site.root).parts
    drafted = "_drafts" in parts
    if (site.kind == JEKYLL and not ({"_posts"} & {*parts} or drafted)) or file.stem == "_index":
        return None
    try:
        text = file.read_text("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        hint = "save it as UTF-8"
        raise ProblemsFound([Problem(CODE, str(file), 0, "not UTF-8", hint)]) from None
    match = FRONT_MATTER.match(text)
    if not match:
        return None
    meta = parse_meta(match[2], file, match[1] == "+++", 1)
    stem = file.parent.name if file.stem == "index" else file.stem
    dated = DATED.fullmatch(stem)
    written = str(meta.get("date") or (dated[1] if dated else ""))
    draft = drafted or meta.get("draft") == "true" or meta.get("published") == "false"
    if not written and not draft:
        return None
    try:
        moment = parse_date(written) if written else datetime.combine(today, time())
    except (ParserError, OverflowError):
        if not dated:
            line = next((n for n, row in enumerate(text.split("\n"), 1) if "date" in row), 1)
            message = f"not a date: {written!r}"
            raise ProblemsFound([Problem(CODE, str(file), line, message)]) from None
        moment = parse_date(dated[1])
    moment = moment.astimezone(site.zone) if moment.tzinfo else moment.replace(tzinfo=site.zone)
    name = dated[2] if dated else stem
    lines = match[0].count("\n") + 1
    timed = ":" in written and moment.time() != time()
    post = OldPost(file, meta, text[match.end() :], lines, name, moment, timed, draft)
    return OldPost(**{**vars(post), "address": old_address(site, post)})


def old_address(site: OldSite, post: OldPost) -> str:
    """Return where a post was; "" where a template decides that we do not run."""
    if own := post.text("permalink", "url"):
        template = STYLES.get(own, own)
    else:
        template = default_template(site, post)
    if "{{" in template or "{%" in template:
        return ""
    known = dict(tokens(site, post))
    unknown = False

    def value(match: re.Match[str]) -> str:
        nonlocal unknown
        unknown = unknown or match[1] not in known
        return known.get(match[1], "")

    path = re.sub(r":([a-z_]+)", value, template)
    path = re.sub("//+", "/", f"{site.base}/{path}").removesuffix("index.html")
    if site.kind == HUGO and not path.endswith(".html"):
        path = f"{path.lower().rstrip('/')}/"
    return "" if unknown else path


def default_template(site: OldSite, post: OldPost) -> str:
    """Return the permalink of a post that has none of its own, with its tokens."""
    config = site.config
    if site.kind == JEKYLL:
        collection = config.get("collections") or {}
        own = collection.get("posts", {}) if isinstance(collection, dict) else {}
        found = [d.get("values", {}).get("permalink") for d in config.get("defaults") or []]
        chosen = next(filter(None, [own.get("permalink"), *found, config.get("permalink")]), "date")
        return STYLES.get(chosen, chosen)
    if site.kind == HUGO:
        rules = config.get("permalinks") or {}
        rules = {**rules, **(rules.get("page") or {})}
        default = "/:sections/:slugorcontentbasename/"
        return str(rules.get(dict(tokens(site, post))["section"]) or default)
    # https://www.11ty.dev/docs/permalinks/: the path without the date; index and name/name fold
    folder = post.path.parent.relative_to(site.folder).parts
    if post.path.stem == "index":
        return f"/{'/'.join([*folder[:-1], post.name])}/"
    folded = folder[-1:] == (post.name,)
    return f"/{'/'.join(folder if folded else [*folder, post.name])}/"


def tokens(site: OldSite, post: OldPost) -> Iterator[tuple[str, str]]:
    """Yield the tokens of permalinks and their values, of Jekyll and of Hugo.

    https://jekyllrb.com/docs/permalinks/#placeholders, https://gohugo.io/configuration/permalinks/
    """
    numbers = "year=%Y month=%m day=%d short_year=%y y_day=%j yearday=%j hour=%H minute=%M "
    numbers += "second=%S week=%V monthname=%B weekdayname=%A"
    for token in numbers.split():
        name, _, form = token.partition("=")
        yield name, post.date.strftime(form)
    yield from (("i_month", str(post.date.month)), ("i_day", str(post.date.day)))
    slug = post.text("slug")
    parts = [*post.path.parent.relative_to(site.root).parts]
    if site.kind == JEKYLL:
        words = [w for key in ("category", "categories") for w in post.words(key)]
        if isinstance(post.meta.get("categories"), str):
            words = [*post.words("category"), *post.text("categories").split()]
        above = parts[: next((n for n, p in enumerate(parts) if p in ("_posts", "_drafts")), 0)]
        yield "categories", "/".join(dict.fromkeys(w.lower() for w in [*above, *words]))
        title = re.sub(r"[^\w.~!$&'()+,;=@-]+", "-", slug or post.name).strip("-")
        yield from (("title", title), ("slug", title.lower()), ("name", post.name))
        yield from (("output_ext", ".html"), ("collection", "posts"))
        return
    languages = [
        str(site.config.get("defaultContentLanguage", "en")),
        *site.config.get("languages", {}),
    ]
    parts = [*post.path.parent.relative_to(site.folder).parts] if site.kind == HUGO else parts
    parts = parts[1:] if parts and parts[0] in languages else parts
    if post.path.stem == "index":
        parts = parts[:-1]
    base = post.path.parent.name if post.path.stem == "index" else post.path.stem
    title = re.sub(r"[^\w.~/-]+", "-", post.text("title").lower()).strip("-")
    yield from (("section", parts[0] if parts else ""), ("sections", "/".join(parts)))
    yield from (("title", title), ("slug", slug or title))
    for name in ("filename", "contentbasename"):
        yield from ((name, base), (f"slugor{name}", slug or base))
