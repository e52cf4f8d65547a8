"""Compares our builds and checks with stock Pelican's and Hugo's on the same generated posts.

    python -m benchmarks             100 and 1,000 posts
    python -m benchmarks 300         another number
    python -m benchmarks own         this site: starting, building, checking

Each figure is the CPU time (user and system) of a whole process, the median of ROUNDS runs by
turns, and its ratio to that of stock Pelican and of Hugo. Everything is written to memory where
there is /dev/shm, because the kernel's time for new files depends on the file system. All three
write feeds, tags and pagination; stock Pelican has the theme `simple`, Hugo the templates in
hugo_site.py. Ours writes more: three formats of feeds, archives of feeds, social cards.
"""

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.hugo_site import hugo, write_site
from benchmarks.posts import OURS, SITE, STOCK, write_posts

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 5
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
PORT = 8127
CARDS = "social cards"
CHECK = """
import sys
from pipeline.incremental import last_problems
if last_problems(sys.argv[1]) is None:
    from pipeline.check.runner import check_again
    check_again(sys.argv[1])
"""
BUILD = """
import sys
from pipeline.incremental import is_current
if not is_current(sys.argv[1]):
    from pipeline.build import build
    build(sys.argv[1])
"""
CARD = """
import sys
from pipeline.metadata.social_card import card_face, card_png
face, colors = card_face(""), dict.fromkeys(("surface", "text", "text-quiet", "accent"), "#123456")
for number in range(int(sys.argv[1])):
    card_png(f"Post number {number} of many", "The name of the site", face, colors)
"""
Command = list[str]


def run(command: Command, folder: Path) -> tuple[float, float, int]:
    """Return CPU seconds, wall seconds and peak memory (MB) of a process and what it starts.

    Raises CalledProcessError.
    """
    # As on anyone's machine, modules are compiled once, not by each process.
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""}
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    wall = time.perf_counter() - start
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss // 1000


def measure(folder: Path, count: int) -> Iterator[tuple[str, list[tuple[float, float, int]]]]:
    """Yield the name and the runs of each kind of work, by turns."""
    write_posts(folder / "content", count)
    write_site(folder / "content/posts", folder / "hugo")
    ours, stock = folder / "ours.py", folder / "stock.py"
    ours.write_text(OURS.format(site=str(SITE / "publishconf.py"), folder=str(folder)))
    stock.write_text(STOCK.format(folder=str(folder)))
    post = min((folder / "content/posts").iterdir())

    def clear() -> None:
        for name in (".cache", "ours", "hugo/public"):
            shutil.rmtree(folder / name, ignore_errors=True)

    def edit() -> None:
        post.write_text(f"{post.read_text()}\nEdit {time.time_ns()}.\n")

    def nothing() -> None:
        pass

    python = [sys.executable, "-c"]
    works: dict[str, tuple[Callable[[], None], Command]] = {
        "stock Pelican": (nothing, [sys.executable, "-m", "pelican", "-s", str(stock), "-d"]),
        "Hugo": (clear, hugo(folder / "hugo")),
        "cold build": (clear, [*python, BUILD, str(ours)]),
        CARDS: (nothing, [*python, CARD, str(count)]),
        "nothing changed": (nothing, [*python, BUILD, str(ours)]),
        "one post edited": (edit, [*python, BUILD, str(ours)]),
        "check, not yet checked": (nothing, [*python, CHECK, str(ours)]),
        "check, nothing changed": (nothing, [*python, CHECK, str(ours)]),
        "check, one post edited": (edit, [*python, CHECK, str(ours)]),
    }
    runs: dict[str, list[tuple[float, float, int]]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, (before, command) in works.items():
            before()
            runs[name].append(run(command, folder))
    yield from runs.items()


def compare(count: int) -> None:
    """Print a table: CPU seconds, ratios to stock Pelican and to Hugo, wall seconds, memory."""
    with TemporaryDirectory(dir=MEMORY) as folder:
        found = {
            name: tuple(statistics.median(each) for each in zip(*runs, strict=True))
            for name, runs in measure(Path(folder), count)
        }
        delay = preview_delay(Path(folder))
    stock, go = found["stock Pelican"], found["Hugo"]
    print(f"\n{count:,} posts            CPU s  of stock  of Hugo   wall s  of stock     MB")
    for name, (cpu, wall, memory) in found.items():
        ratios = f"{cpu / stock[0]:8.2f} {cpu / go[0]:8.2f}"
        print(f"{name:<22} {cpu:8.2f} {ratios} {wall:8.2f} {wall / stock[1]:9.2f} {memory:6}")
    print(f"{'preview, save to page':<50} {delay:8.2f}", flush=True)


def preview_delay(folder: Path) -> float:
    """Return the wall seconds from a save to the new page served; the median of ROUNDS saves."""
    code = f"from pipeline.serve import *; serve(Preview('ours.py'), '{PORT}', False)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    server = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    post = min((folder / "content/posts").iterdir())
    try:
        wait_for(post, "</html>")
        delays = []
        for _ in range(ROUNDS):
            time.sleep(5)  # the build of the whole site ends
            mark, start = f"Mark {time.time_ns()}", time.perf_counter()
            post.write_text(f"{post.read_text()}\n{mark}.\n")
            wait_for(post, mark)
            delays.append(time.perf_counter() - start)
        return statistics.median(delays)
    finally:
        server.terminate()
        server.wait()


def wait_for(post: Path, words: str) -> None:
    """Return when the page of a post has the words."""
    while True:
        try:
            connection = HTTPConnection("127.0.0.1", PORT)
            connection.request("GET", f"/posts/{post.stem}/")
            if words in connection.getresponse().read().decode():
                return
        except OSError:
            pass
        time.sleep(0.005)


def own_site() -> None:
    """Print the CPU seconds of this site's commands beside those of the tools alone."""
    task = [sys.executable, str(ROOT / "tasks.py")]
    page = ROOT / "content/pages/about/index.md"
    text = page.read_text("utf-8")
    with TemporaryDirectory() as empty:
        Path(empty, "tasks.py").write_text("")
        programs = Path(sys.executable).parent
        invoke, pelican = str(programs / "invoke"), str(programs / "pelican")
        for name, command, folder in (
            ("invoke with an empty tasks.py", [invoke, "--help"], Path(empty)),
            ("invoke --list", [*task, "--list"], ROOT),
            ("pelican --version", [pelican, "--version"], ROOT),
            ("invoke build, nothing changed", [*task, "build"], ROOT),
            ("invoke check, nothing changed", [*task, "check"], ROOT),
        ):
            run(command, folder)
            cpu = statistics.median(run(command, folder)[0] for _ in range(ROUNDS))
            print(f"{name:<32} {cpu:6.2f} s")
    try:
        runs = []
        for number in range(ROUNDS):
            page.write_text(text + "\n" * (number + 1), "utf-8")
            runs.append(run([*task, "check"], ROOT)[0])
        print(f"{'invoke check, one page edited':<32} {statistics.median(runs):6.2f} s")
    finally:
        page.write_text(text, "utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["own"]:
        own_site()
    else:
        for word in sys.argv[1:] or ["100", "1000"]:
            compare(int(word))
