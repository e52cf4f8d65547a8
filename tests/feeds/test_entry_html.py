import pytest

from pipeline.feeds import to_feed_html

BASE = "https://example.org/blog/posts/a/"
CASES = {
    "words stay": ("<p>A &lt;b&gt; &amp; “c”.</p>", "<p>A &lt;b&gt; &amp; “c”.</p>"),
    "a link": ('<a href="../b/">b</a>', '<a href="https://example.org/blog/posts/b/">b</a>'),
    "a link to the root": ('<a href="/d">d</a>', '<a href="https://example.org/d">d</a>'),
    "a link within the page": ('<a href="#x">x</a>', f'<a href="{BASE}#x">x</a>'),
    "a link elsewhere": (
        '<a rel="external" class="y" href="https://x.y/">x</a>',
        '<a href="https://x.y/">x</a>',
    ),
    "a letter": ('<a href="mailto:a@b.c">x</a>', '<a href="mailto:a@b.c">x</a>'),
    "a link that runs": ('<a href="JavaScript:x()">x</a>', "x"),
    "a heading": ('<h2><a class="heading-link" href="#b" id="b">B</a></h2>', "<h2>B</h2>"),
    "an anchor": ('<p><a id="x"></a>A</p>', "<p>A</p>"),
    "a span": ('<p><span class="amp">&amp;</span></p>', "<p>&amp;</p>"),
    "a language": ('<i lang="la" class="x">ad astra</i>', '<i lang="la">ad astra</i>'),
    "a span with a language": ('<span lang="la">a</span>', '<span lang="la">a</span>'),
    "scripts and styles": (
        '<p style="color:red" onclick="x()">A</p><script>x</script><style>y</style><!-- z -->',
        "<p>A</p>",
    ),
    "a form": ('<form action="/x"><input><button>Go</button></form>', ""),
    "a picture": (
        '<picture><source srcset="a.avif 1x"><img src="a.png" srcset="a-1.png 1x" alt="A" '
        'width="3" height="2" loading="lazy" class="x"></picture>',
        f'<img src="{BASE}a.png" alt="A" width="3" height="2">',
    ),
    "a video": (
        '<video src="v.mp4" poster="p.png" controls></video>',
        f'<p><a href="{BASE}v.mp4"><img src="{BASE}p.png" alt=""><br>v.mp4</a></p>',
    ),
    "a video of several sources, in a line": (
        '<p><video aria-label="A robot"><source src="v.webm"><source src="v.mp4"></video></p>',
        f'<p><a href="{BASE}v.webm">A robot</a></p>',
    ),
    "a frame": (
        '<iframe src="https://x.y/z"></iframe>',
        '<p><a href="https://x.y/z">x.y</a></p>',
    ),
    "a video without a source": ("<video></video>", ""),
    "a formula": (
        '<p>So <math alttext="a &lt; b" display="inline"><mi>a</mi></math>.</p>',
        "<p>So <code>a &lt; b</code>.</p>",
    ),
    "a formula on its own": (
        '<math alttext="x^2" display="block"><mi>x</mi></math>',
        "<p><code>x^2</code></p>",
    ),
    "a drawing": ('<svg aria-label="A &amp; B"><text>x</text></svg>', "A &amp; B"),
    "a drawing with a title": ("<svg><title>A</title></svg>", "A"),
    "a quote": (
        '<figure class="quote" data-confidence="verified"><a id="q"></a><blockquote lang="la" '
        'cite="/c"><p>Q</p></blockquote><figcaption><a class="permalink" href="#q">—</a> Who'
        "</figcaption></figure>",
        '<blockquote cite="https://example.org/c" lang="la"><p>Q</p></blockquote>\n<p>— Who</p>',
    ),
    "a picture with a caption": (
        '<figure><img src="a.png" alt="A"><figcaption>C</figcaption></figure>',
        f'<figure><img src="{BASE}a.png" alt="A">\n<figcaption>C</figcaption></figure>',
    ),
    "a card": (
        '<figure class="card"><a href="https://x.y/">A<span class="host">x.y</span></a></figure>',
        '<figure><a href="https://x.y/">A<br>x.y</a></figure>',
    ),
    "notes": (
        '<p>A<sup id="fnref:k:1"><a class="footnote-ref" href="#fn:k:1">1</a></sup></p>'
        '<section class="notes"><h2>Footnotes</h2><ol><li id="fn:k:1"><p>N <a href="#fnref:k:1" '
        'aria-label="Back">↩</a></p></li></ol></section>',
        f'<p>A<sup id="fnref:k:1"><a href="{BASE}#fn:k:1">1</a></sup></p>'
        f'<hr>\n<h2>Footnotes</h2><ol><li id="fn:k:1"><p>N <a href="{BASE}#fnref:k:1">'
        "↩</a></p></li></ol>",
    ),
    "code": (
        '<div class="highlight"><pre tabindex="0"><code><span class="n">x</span> = 1\n'
        "</code></pre></div>",
        "<pre><code>x = 1\n</code></pre>",
    ),
    "code with numbers": (
        '<table class="highlighttable"><tr><td class="linenos"><pre>1</pre></td><td class="code">'
        "<div><pre><code>x</code></pre></div></td></tr></table>",
        "<pre><code>x</code></pre>",
    ),
    "a table in its frame": (
        '<div class="frame"><table><tr><td colspan="2">1</td></tr></table></div>',
        '<table><tbody><tr><td colspan="2">1</td></tr></tbody></table>',
    ),
    "words beside each other": ("<div>a</div><div>b</div>", "<div>a</div><div>b</div>"),
    "what unfolds": (
        "<details><summary>More</summary><p>A</p></details>",
        "<p><strong>More</strong></p><p>A</p>",
    ),
    "what a browser mends": ("<p>a<p>b", "<p>a</p><p>b</p>"),
    "marks of source lines": ('<p data-src-line="3">A</p>', "<p>A</p>"),
    "a chart": (
        '<figure class="chart" id="c"><svg aria-label="A &lt; &quot;B&quot;"></svg><figcaption>'
        '<p id="c-caption">Cap &amp; <em>x</em></p><details><summary>Data</summary><table></table>'
        '<p><a href="c.csv" download="c.csv">File</a></p></details></figcaption></figure>',
        f'<figure><img src="{BASE}c.png" alt="A &lt; &quot;B&quot;">\n<figcaption>Cap &amp; '
        f'<em>x</em> <a href="{BASE}c.csv">File</a></figcaption></figure>',
    ),
    "a link that runs, after a space": ('<a href=" javascript:x()">x</a>', "x"),
}


@pytest.mark.parametrize("name", CASES)
def test_to_feed_html(name: str) -> None:
    html, expected = CASES[name]
    assert to_feed_html(html, BASE) == expected


def test_to_feed_html_of_another_language_names_it() -> None:
    assert to_feed_html("<p>a</p>", BASE, "fr") == '<div lang="fr"><p>a</p></div>'
