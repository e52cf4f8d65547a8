"""Attributes that do nothing."""

from tests.check.faults import Fault, P, text
from tests.conftest import png


def words(sentence: str) -> Fault:
    """Return a fault in the third line of a text, the eighth of its file."""
    return Fault(f"{P}:8", {**text(f"Words.\n\n{sentence}"), "posts/a/x.png": png()})


FAULTS = {
    "unknown-attributes": {
        "of a picture": words("![An x](x.png){: widht=300 }"),
        "of a paragraph": words("More.\n{: colour=red }")._replace(place=f"{P}:9"),
        "of HTML": words('<video src="x.png" controls autpolay></video>'),
    }
}
