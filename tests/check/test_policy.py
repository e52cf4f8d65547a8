"""What hosts are told to send."""

from pathlib import Path

from tests.check.faults import Fault, P, at, edit, text

FILE = "_headers"
H = "/_headers"
BASE = at("theme/templates/base.html", "<style>")


def lose(folder: Path) -> None:
    (folder / FILE).unlink()


FAULTS = {
    "styles": {
        "a style attribute": Fault(f"{P}:9", text('A\n\n<p style="color: red">B</p>')),
        "a style of the page that changed": Fault(
            BASE,
            built=edit("index.html", "<style>", "<style>p{}"),
        ),
        "a policy without hashes": Fault(BASE, built=edit(FILE, "sha256", "sha384")),
    },
    "policy": {
        "unsafe-inline": Fault(
            f"{H}:2", built=edit(FILE, "style-src ", "style-src 'unsafe-inline' ")
        ),
        "another host": Fault(
            f"{H}:2", built=edit(FILE, "img-src 'self'", "img-src 'self' https://example.org")
        ),
        "any host": Fault(f"{H}:2", built=edit(FILE, "img-src 'self'", "img-src *")),
        "frames": Fault(f"{H}:1", built=edit(FILE, "frame-ancestors 'none'; ", "")),
        "two policies": Fault(
            f"{H}:2",
            built=edit(
                FILE, "  X-Content", "  Content-Security-Policy: img-src 'self'\n  X-Content"
            ),
        ),
        "types that are guessed": Fault(
            f"{H}:1", built=edit(FILE, "X-Content-Type-Options", "X-Content-Type")
        ),
    },
    "headers-file": {
        "none": Fault(H, built=lose),
        "a hundred styles": Fault(
            f"{H}:2", text("\n\n".join(f"<style>p{{order:{n}}}</style>" for n in range(100)))
        ),
        "two stars": Fault(f"{H}:9", built=edit(FILE, "/feeds/all.atom.xml", "/feeds/*/*.xml")),
        "a header without a path": Fault(f"{H}:1", built=edit(FILE, "/*\n", "*\n")),
        "a hundred rules": Fault(
            f"{H}:1",
            built=edit(FILE, "/*\n", "".join(f"/{n}\n  A: b\n" for n in range(100)) + "/*\n"),
        ),
    },
}
