from pipeline.html import css_urls


def test_css_urls_with_escapes_and_comments() -> None:
    css = (
        r'@import/**/"a"; @font-face{src: local("x"), \75 rl("b")} @import url(c);'
        "\n.x{--y:url(d)}"
    )
    assert list(css_urls(css)) == [("a", 1), ("b", 1), ("c", 1), ("d", 2)]


def test_css_urls_namespace_is_not_loaded() -> None:
    assert list(css_urls("@namespace svg url(http://www.w3.org/2000/svg); a { b: c }")) == []
