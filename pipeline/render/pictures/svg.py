"""An SVG of which only what draws is left: read by expat, picked by lists, written anew.

Opened by its own address an SVG is a page of the site, with scripts and all. So nothing is searched
for and removed; what stands in the lists below stays, and nothing else: no scripts, no handlers, no
foreignObject, no address but those of the file's own parts. Links become groups, and what editors
keep for themselves goes too. An embedded picture would be missed, so it is refused.
"""

import re
from xml.etree.ElementTree import Element, ParseError, fromstring, register_namespace, tostring
from xml.parsers.expat import ExpatError, ParserCreate

from pipeline.problems import Problem, ProblemsFound

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
HREF = ("href", f"{{{XLINK}}}href")
DEEPEST = 200


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


ANIMATIONS = words("animate animateMotion animateTransform")
ELEMENTS = ANIMATIONS | words(
    """
    svg g defs symbol use switch title desc style path rect circle ellipse line polyline polygon
    text tspan textPath linearGradient radialGradient stop pattern clipPath mask marker filter mpath
    feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting
    feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR
    feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting
    feSpotLight feTile feTurbulence
    """
)
ATTRIBUTES = words(
    """
    id class style lang role aria-label aria-labelledby aria-hidden version viewBox width height x y
    x1 x2 y1 y2 cx cy r rx ry fx fy fr d points dx dy rotate offset transform preserveAspectRatio
    pathLength textLength lengthAdjust startOffset method spacing type media systemLanguage
    alignment-baseline baseline-shift clip clip-path clip-rule color color-interpolation
    color-interpolation-filters direction display dominant-baseline fill fill-opacity fill-rule
    filter flood-color flood-opacity font-family font-size font-size-adjust font-stretch font-style
    font-variant font-weight image-rendering letter-spacing lighting-color marker marker-end
    marker-mid marker-start mask mask-type mix-blend-mode opacity overflow paint-order
    shape-rendering stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset
    stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width text-anchor
    text-decoration text-rendering transform-origin unicode-bidi vector-effect visibility
    word-spacing writing-mode
    gradientTransform gradientUnits spreadMethod patternContentUnits patternTransform patternUnits
    clipPathUnits maskContentUnits maskUnits filterUnits primitiveUnits markerHeight markerUnits
    markerWidth orient refX refY
    amplitude azimuth baseFrequency bias diffuseConstant divisor edgeMode elevation exponent in in2
    intercept k1 k2 k3 k4 kernelMatrix limitingConeAngle mode numOctaves operator order
    pointsAtX pointsAtY pointsAtZ preserveAlpha radius result scale seed slope specularConstant
    specularExponent stdDeviation stitchTiles surfaceScale tableValues targetX targetY values
    xChannelSelector yChannelSelector z
    attributeName accumulate additive begin by calcMode dur end fill from keyPoints keySplines
    keyTimes max min path repeatCount repeatDur restart to
    {http://www.w3.org/XML/1998/namespace}space {http://www.w3.org/XML/1998/namespace}lang
    """
)
FUNCTIONS = words(
    """
    rgb rgba hsl hsla hwb lab lch oklab oklch color-mix light-dark calc min max clamp var
    matrix translate translateX translateY scale scaleX scaleY rotate skewX skewY
    cubic-bezier steps blur brightness contrast drop-shadow grayscale opacity saturate
    not is where nth-child nth-of-type
    """
)
RULES = ("media", "keyframes", "supports")
OWN_PART = re.compile(r"""url\(\s*(["']?)#[^"'()\\]*\1\s*\)""", re.IGNORECASE)
LENGTH = re.compile(r"\s*(\d*\.?\d+(?:e[+-]?\d+)?)\s*(px|pt|pc|mm|cm|in|)\s*", re.IGNORECASE)
PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}


def clean_svg(data: bytes, path: str) -> tuple[bytes, int, int]:
    """Return the SVG with nothing in it but what draws, and its size. Raises ProblemsFound."""
    try:
        refuse_entities(data, path)
        root = fromstring(data)
    except (ExpatError, ParseError, ValueError, LookupError) as error:
        must = "must be an SVG that can be read"
        raise ProblemsFound([Problem(path, 0, must, str(error), "save it anew")]) from None
    if root.tag != f"{{{SVG}}}svg":
        fix = f'write <svg xmlns="{SVG}">'
        raise ProblemsFound([Problem(path, 1, "must be an SVG", f"<{root.tag}>", fix)])
    if root.find(f".//{{{SVG}}}image") is not None:
        must, fix = "must be drawn", "save the whole as PNG or JPEG"
        raise ProblemsFound([Problem(path, 0, must, "a picture inside, <image>", fix)])
    width, height = size(root, path)
    register_namespace("", SVG)
    register_namespace("xlink", XLINK)
    return tostring(picked(root), encoding="utf-8") + b"\n", width, height


def refuse_entities(data: bytes, path: str) -> None:
    """Raise ProblemsFound for what could blow up or reach out while it is read.

    A DOCTYPE that only names the standard's own, as plotting tools write it, is not followed by
    expat and not written again.
    """
    depth = 0
    parser = ParserCreate()

    def doctype(_name: str, _system: str | None, _public: str | None, inside: int) -> None:
        if inside:
            must, fix = "must be an SVG without declarations", "remove [ … ] from <!DOCTYPE"
            line = parser.CurrentLineNumber
            raise ProblemsFound([Problem(path, line, must, "a DOCTYPE with entities", fix)])

    def start(_name: str, _attributes: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise ValueError(f"elements in each other, more than {DEEPEST} deep")

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(data, True)


def size(root: Element, path: str) -> tuple[int, int]:
    """Return the size in CSS pixels: width and height, or else those of the viewBox."""
    given = [LENGTH.fullmatch(root.get(name, "")) for name in ("width", "height")]
    lengths = [float(match[1]) * PIXELS[match[2].lower()] for match in given if match]
    if len(lengths) < 2:
        box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
        lengths = [float(m[1]) for part in box[2:] if (m := LENGTH.fullmatch(part))]
    if len(lengths) != 2 or not all(0.5 <= length < 1e6 for length in lengths):
        must, fix = "must have a size", 'add viewBox="0 0 WIDTH HEIGHT" to <svg>'
        raise ProblemsFound([Problem(path, 1, must, "none", fix)])
    width, height = map(round, lengths)
    return max(1, width), max(1, height)


def picked(element: Element) -> Element:
    """Return a copy of the element with what may stay of its attributes and children."""
    name = local(element)
    copy = Element(element.tag if name != "a" else f"{{{SVG}}}g")
    copy.text, copy.tail = element.text, element.tail
    copy.attrib = {key: value for key, value in element.attrib.items() if may_stay(key, value)}
    for child in element:
        if allowed(child):
            copy.append(picked(child))
        else:
            leave_out(child, copy)
    return copy


def leave_out(child: Element, parent: Element) -> None:
    """Keep only the text behind a child that is left out."""
    if not child.tail:
        return
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + child.tail
    else:
        parent.text = (parent.text or "") + child.tail


def allowed(element: Element) -> bool:
    """Return whether the element may stay."""
    name = local(element)
    if name in ANIMATIONS and element.get("attributeName", "transform") not in ATTRIBUTES:
        return False  # it would give another element an address or a handler
    if name == "style":
        return harmless("".join(element.itertext()))
    return name in ELEMENTS or name == "a"


def local(element: Element) -> str:
    """Return the name of an element of SVG, or nothing for one of another language."""
    space, _, name = element.tag.rpartition("}")
    return name if space == f"{{{SVG}" else ""


def may_stay(name: str, value: str) -> bool:
    """Return whether an attribute may stay."""
    if name in HREF:
        return value.strip().startswith("#")
    return name in ATTRIBUTES and harmless(value)


def harmless(css: str) -> bool:
    """Return whether a value or stylesheet reaches for nothing outside the file.

    Comments count like the rest: where they begin and end, only a whole parser of CSS knows.
    """
    css = OWN_PART.sub(" ", css)
    return (
        "\\" not in css
        and all(name in FUNCTIONS for name in re.findall(r"([\w-]+)\(", css))
        and all(name.lower() in RULES for name in re.findall(r"@\s*([\w-]*)", css))
    )
