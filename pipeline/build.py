"""Building a site from Python: what the tasks and the preview call."""

import re
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from jinja2 import TemplateError, TemplateSyntaxError
from pelican import get_instance, parse_arguments
from pelican.contents import Content
from pelican.log import init as show_log

from pipeline.check.sources import Output
from pipeline.problems import Problem, ProblemsFound, line_of, logged


@dataclass(frozen=True)
class Built:
    """A built site: its folder, Pelican's settings, and what each file was made of."""

    folder: Path
    settings: Mapping[str, Any]
    outputs: Sequence[Output]


def build(settings: str, arguments: Sequence[str] = ()) -> Built:
    """Build the site.

    `settings` is the settings file's path, `arguments` are more of the `pelican` command's own.
    Raises ProblemsFound, and then the folder is as it was.
    """
    logged.begin()
    # Pelican keeps every content that it has ever made a page of.
    for method in (Content.get_content, Content.get_summary):
        method.cache.clear()
    args = parse_arguments(["--settings", settings, *arguments])
    if args.verbosity is not None:
        show_log(level=args.verbosity, fatal=args.fatal, name="pelican")
    with problems_located(settings):
        pelican, _ = get_instance(args)
        logged.raise_if_any()
        pelican.run()
    outputs = pelican.settings["OUTPUTS"]
    return Built(Path(pelican.settings["OUTPUT_PATH"]), pelican.settings, outputs)


@contextmanager
def problems_located(settings: str) -> Iterator[None]:
    """Turn mistakes in settings and templates into problems, and find where they stand."""
    try:
        yield
    except ProblemsFound as error:
        raise type(error)(locate(problem, settings) for problem in error.problems) from None
    except TemplateSyntaxError as error:
        path, line = error.filename or "", error.lineno
        raise ProblemsFound([template_problem(path, line, error)]) from None
    except TemplateError as error:
        frames = traceback.extract_tb(error.__traceback__)
        templates = [frame for frame in frames if frame.filename.endswith(".html")]
        path, number = (templates[-1].filename, templates[-1].lineno) if templates else ("", 0)
        raise ProblemsFound([template_problem(path, number or 0, error)]) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        must = "must be a file or folder that can be read and written"
        problem = Problem(str(error.filename or ""), 0, must, error.strerror or str(error))
        raise ProblemsFound([problem]) from None
    except Exception as error:
        found = settings_problem(error, Path(settings).resolve().parent)
        if found is None:
            raise
        raise ProblemsFound([found]) from None


def template_problem(path: str, line: int, error: TemplateError) -> Problem:
    """Return what is wrong with a template."""
    return Problem(path, line, "must be a template that renders", str(error))


def settings_problem(error: Exception, folder: Path) -> Problem | None:
    """Return what is wrong with a settings file in `folder`; None when the error is elsewhere's."""
    files = {str(folder / name) for name in ("pelicanconf.py", "publishconf.py")}
    if isinstance(error, SyntaxError) and error.filename in files:
        return Problem(error.filename, error.lineno or 0, "must be Python", error.msg)
    if isinstance(error, ZoneInfoNotFoundError):
        path = str(folder / "pelicanconf.py")
        return Problem(path, 0, "must be settings that load", str(error.args[0]))
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename in files:
            found = f"{type(error).__name__}: {error}"
            return Problem(frame.filename, frame.lineno or 0, "must be settings that load", found)
        if "settings.py" in frame.filename and isinstance(error, ValueError):
            return Problem(str(folder / "pelicanconf.py"), 0, "must be good settings", str(error))
    return None


def locate(problem: Problem, settings: str) -> Problem:
    """Return the problem; one without a place stands where a settings file has what it quotes."""
    if problem.path:
        return problem
    for quoted in re.findall(r"[`'\"]([\w.-]+)[`'\"]", problem.found):
        for path in (Path(settings), Path(settings).with_name("pelicanconf.py")):
            if quoted in (text := path.read_text("utf-8")):
                return replace(problem, path=str(path), line=line_of(text, quoted))
    return problem
