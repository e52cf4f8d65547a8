"""The words of HTML: elements, their attributes, and what may stand in what.

From the HTML Living Standard (https://html.spec.whatwg.org/), its index of elements and attributes
and its content models, and from WAI-ARIA 1.2. Data alone; what is done with it is in markup.py.
"""


def listed(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


def _table(text: str) -> dict[str, frozenset[str]]:
    """Return {first word: the other words} of each line."""
    lines = (line.split() for line in text.strip().split("\n"))
    return {words[0]: frozenset(words[1:]) for words in lines}


VOID = listed("area base br col embed hr img input link meta source track wbr")
# Their end tag may be left out.
END_OPTIONAL = listed(
    "html head body li dt dd p rt rp optgroup option colgroup caption thead tbody tfoot tr td th"
)
# An element of this name ends the one that it would stand in.
NOT_IN_ITSELF = frozenset(("a", "button", "form", "option"))

# Elements with attributes of their own. Without presentational ones, which are obsolete.
ATTRIBUTES = _table("""\
a download href hreflang ping referrerpolicy rel target type
area alt coords download href ping referrerpolicy rel shape target
audio autoplay controls crossorigin loop muted preload src
base href target
blockquote cite
button command commandfor disabled form formaction formenctype formmethod formnovalidate\
 formtarget name popovertarget popovertargetaction type value
canvas height width
col span
colgroup span
data value
del cite datetime
details name open
dialog closedby open
embed height src type width
fieldset disabled form name
form accept-charset action autocomplete enctype method name novalidate rel target
iframe allow allowfullscreen height loading name referrerpolicy sandbox src srcdoc width
img alt crossorigin decoding fetchpriority height ismap loading referrerpolicy sizes src srcset\
 usemap width
input accept alpha alt autocomplete checked colorspace dirname disabled form formaction\
 formenctype formmethod formnovalidate formtarget height list max maxlength min minlength multiple\
 name pattern placeholder popovertarget popovertargetaction readonly required size src step type\
 value width
ins cite datetime
label for
li value
link as blocking color crossorigin disabled fetchpriority href hreflang imagesizes imagesrcset\
 integrity media referrerpolicy rel sizes type
map name
meta charset content http-equiv media name
meter high low max min optimum value
object data form height name type width
ol reversed start type
optgroup disabled label
option disabled label selected value
output for form name
progress max value
q cite
script async blocking crossorigin defer fetchpriority integrity nomodule referrerpolicy src type
select autocomplete disabled form multiple name required size
slot name
source height media sizes src srcset type width
style blocking media
td colspan headers rowspan
template shadowrootclonable shadowrootdelegatesfocus shadowrootmode shadowrootserializable
textarea autocomplete cols dirname disabled form maxlength minlength name placeholder readonly\
 required rows wrap
th abbr colspan headers rowspan scope
time datetime
track default kind label src srclang
video autoplay controls crossorigin height loop muted playsinline poster preload src width\
""")
# The other elements
PLAIN = listed(
    "abbr address article aside b bdi bdo body br caption cite code datalist dd dfn div dl dt em "
    "figcaption figure footer h1 h2 h3 h4 h5 h6 head header hgroup hr html i kbd legend main mark "
    "math menu nav noscript p picture pre rp rt ruby s samp search section small span strong sub "
    "summary sup svg table tbody tfoot thead title tr u ul var wbr"
)
ELEMENTS = PLAIN | ATTRIBUTES.keys()
# Those of every element, and RDFa's, such as Open Graph's <meta property>
GLOBAL = listed(
    "accesskey autocapitalize autocorrect autofocus class contenteditable dir draggable "
    "enterkeyhint exportparts hidden id inert inputmode is itemid itemprop itemref itemscope "
    "itemtype lang nonce part popover role slot spellcheck style tabindex title translate "
    "writingsuggestions xmlns "
    "about content datatype inlist prefix property rel resource rev typeof vocab"
)
ARIA = frozenset(
    f"aria-{name}"
    for name in listed(
        "activedescendant atomic autocomplete braillelabel brailleroledescription busy checked "
        "colcount colindex colindextext colspan controls current describedby description details "
        "disabled dropeffect errormessage expanded flowto grabbed haspopup hidden invalid "
        "keyshortcuts label labelledby level live modal multiline multiselectable orientation "
        "owns placeholder posinset pressed readonly relevant required roledescription rowcount "
        "rowindex rowindextext rowspan selected setsize sort valuemax valuemin valuenow valuetext"
    )
)
ROLES = listed(
    "alert alertdialog application article banner blockquote button caption cell checkbox code "
    "columnheader combobox complementary contentinfo definition deletion dialog document emphasis "
    "feed figure form generic grid gridcell group heading img insertion link list listbox listitem "
    "log main marquee math menu menubar menuitem menuitemcheckbox menuitemradio meter navigation "
    "none note option paragraph presentation progressbar radio radiogroup region row rowgroup "
    "rowheader scrollbar search searchbox separator slider spinbutton status strong subscript "
    "superscript switch tab table tablist tabpanel term textbox time timer toolbar tooltip tree "
    "treegrid treeitem"
)

# What may stand in them: words and what stands in a line with words
OF_PHRASES = listed(
    "abbr b bdi bdo button cite code data dfn em h1 h2 h3 h4 h5 h6 i kbd label legend mark meter "
    "output p pre progress q rt ruby s samp small span strong sub summary sup time u var"
)
# An element of these has what its parent may have.
TRANSPARENT = listed("a audio canvas del ins map noscript object slot video")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BLOCKS = listed(
    "address article aside blockquote details dialog div dl fieldset figure footer form header "
    "hgroup hr main menu nav ol p pre search section table ul"
) | frozenset(HEADINGS)
# What a reader can work; none may stand in a link or a button.
INTERACTIVE = ("a", "button", "details", "embed", "iframe", "input", "label", "select", "textarea")
# What they may stand in
PARENTS = _table("""\
dd dl div
dt dl div
figcaption figure
hgroup address article aside blockquote body dd div dt footer header li main nav section td th
legend fieldset
li ul ol menu
source picture video audio
summary details
track video audio\
""")
# What may stand in them
CHILDREN = _table("""\
dl dt dd div script template
hgroup h1 h2 h3 h4 h5 h6 p script template
menu li script template
ol li script template
picture source img script template
ul li script template\
""")
