"""Building a site from Python: what the tasks, the checks and the preview call."""

import gc
import re
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from jinja2 import TemplateError, TemplateSyntaxError

from pipeline import incremental
from pipeline.memo import Memo
from pipeline.model import Artifact, Site
from pipeline.problems import Problem, ProblemsFound, raise_if_any, relative
from pipeline.settings import Settings, assignments, read_settings
from pipeline.site_writer import Build

# Words of Pelican's errors, and the settings that they are about
PELICAN_SAYS = {"the theme": "THEME", "path containing": "PATH"}


@dataclass(frozen=True)
class Built:
    """A built site: its folder, the settings, the model, and every written file by its path."""

    folder: Path
    settings: Settings
    site: Site
    artifacts: Mapping[str, Artifact]
    memo: Memo
    run: Build


def build(settings_file: str, arguments: Sequence[str] = (), last: Build | None = None) -> Built:
    """Build the site and return what was built.

    `arguments` are further ones of the `pelican` command, `last` the last run with them, if it was
    in this process. Raises ProblemsFound, and then the output
    folder is as it was.
    """
    if done := incremental.rebuild(settings_file, arguments, last):
        return _built(done)
    from pelican import get_instance, parse_arguments
    from pelican.contents import Content
    from pelican.log import init as show_log

    from pipeline import plugin

    plugin.settings_path = settings_file
    plugin.state_key = incremental.state_key(settings_file, arguments)
    plugin.logged.begin()
    # Nearly all that a build makes stays until its end: looking for garbage finds little, often.
    gc.set_threshold(plugin.GC_THRESHOLD)
    # Pelican keeps every content that it has ever made a page of.
    for method in (Content.get_content, Content.get_summary):
        method.cache.clear()
    args = parse_arguments(["--settings", settings_file, *arguments])
    if args.verbosity is not None:
        show_log(level=args.verbosity, fatal=args.fatal, name="pelican")
    try:
        with errors_located(settings_file):
            plugin.watch_log()  # also what Pelican says before it loads this plugin
            with own_modules(settings_file):
                pelican, _ = get_instance(args)
            plugin.logged.raise_if_any()
            try:
                pelican.run()
            except Exception as error:
                # With --verbose or --debug the traceback is shown.
                raise_if_any(() if args.verbosity else plugin_problems(error, pelican.plugins))
                raise
        return _built(plugin.current())
    finally:
        plugin.settings_path, plugin.state_key = None, ""


def _built(done: Build) -> Built:
    assert done.site
    return Built(done.staging.live, done.settings, done.site, done.artifacts, done.memo, done)


def load_settings(settings_file: str, arguments: Sequence[str] = ()) -> Settings:
    """Return the validated settings without building. Raises ProblemsFound."""
    from pelican import get_config, parse_arguments
    from pelican.settings import DEFAULT_CONFIG
    from pelican.settings import read_settings as read_pelican_settings

    with errors_located(settings_file), own_modules(settings_file):
        args = parse_arguments(["--settings", settings_file, *arguments])
        values = read_pelican_settings(args.settings, override=get_config(args))
        return read_settings(values, relative(settings_file), DEFAULT_CONFIG)


@contextmanager
def own_modules(settings_file: str) -> Iterator[None]:
    """Let settings import from their own folder, whatever another site's settings were called.

    Pelican and Python remember a settings file by its name without the folder.
    """
    folder = Path(settings_file).resolve().parent
    for path in folder.glob("*.py"):
        known = getattr(sys.modules.get(path.stem), "__file__", None)
        if known and Path(known).resolve() != path:
            del sys.modules[path.stem]
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


@contextmanager
def errors_located(settings_file: str) -> Iterator[None]:
    """Turn errors in settings, templates and files into ProblemsFound at their places."""
    try:
        yield
    except ProblemsFound as error:
        places = assignments(Path(settings_file))
        if all(problem.path for problem in error.problems):
            raise
        raise ProblemsFound(locate(problem, places) for problem in error.problems) from None
    except TemplateSyntaxError as error:
        path, line = error.filename or error.name or "", error.lineno
        raise ProblemsFound([Problem("template", path, line, str(error.message))]) from None
    except TemplateError as error:
        frames = traceback.extract_tb(error.__traceback__)
        templates = [frame for frame in frames if frame.filename.endswith((".html", ".css"))]
        path, number = (templates[-1].filename, templates[-1].lineno) if templates else ("", 0)
        raise ProblemsFound([Problem("template", path, number or 0, str(error))]) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        path, reason = str(error.filename or ""), error.strerror or str(error)
        hint = "check that it exists, can be read and written, and that the disk has room"
        raise ProblemsFound([Problem("file", path, 0, reason.lower(), hint)]) from None
    except Exception as error:
        raise_if_any(settings_problems(error, settings_file))
        raise


def plugin_problems(error: Exception, plugins: Iterable[ModuleType]) -> Iterator[Problem]:
    """Yield the innermost place in another plugin that an error came through, if there is one."""
    frames = [*traceback.walk_tb(error.__traceback__)] * (not isinstance(error, ProblemsFound))
    names = [plugin.__name__ for plugin in plugins if plugin.__name__ != "pipeline"]
    for frame, line in reversed(frames):
        module = f"{frame.f_globals.get('__name__')}."
        for name in names:
            if module.startswith(f"{name}."):
                message = f"plugin {name}: {type(error).__name__}: {error}"
                hint = "see its documentation, or remove it from PLUGINS; --verbose shows all"
                yield Problem("plugin", frame.f_code.co_filename, line, message, hint)
                return


def settings_problems(error: Exception, settings_file: str) -> Iterator[Problem]:
    """Yield what is wrong with the settings files; nothing when the error is elsewhere's."""
    folder = Path(settings_file).resolve().parent
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).parent == folder:
        yield Problem("settings", error.filename, error.lineno or 0, f"not Python: {error.msg}")
        return
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if Path(frame.filename).parent == folder and "conf" in Path(frame.filename).stem:
            message = f"{type(error).__name__}: {error}"
            yield Problem("settings", frame.filename, frame.lineno or 0, message)
            return
    frames = [Path(frame.filename).name for frame in traceback.extract_tb(error.__traceback__)]
    if "settings.py" in frames:
        message = str(error.args[0] if error.args else error)
        name = next((name for words, name in PELICAN_SAYS.items() if words in message), "")
        problem = Problem("settings", "", 0, f"{name}: {message}" if name else message)
        yield locate(problem, assignments(Path(settings_file)), settings_file)


def locate(problem: Problem, places: Mapping[str, tuple[str, int]], otherwise: str = "") -> Problem:
    """Return the problem; one without a path is at the setting that its message names, if any."""
    if problem.path:
        return problem
    for name in re.findall(r"\b[A-Z][A-Z_]+\b", problem.message):
        if name in places:
            path, line = places[name]
            return replace(problem, path=path, line=line)
    return replace(problem, path=otherwise)
