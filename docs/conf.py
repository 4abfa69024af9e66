"""How Sphinx makes the site from this folder: `make site`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import tomllib
from docutils import nodes
from sphinx.application import Sphinx

import fakekounta
from fakekounta.cli.main import main

DOCS = Path(__file__).parent
URLS = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]

project = "fakekounta"
version = release = fakekounta.__version__
copyright = "fakekounta contributors"  # noqa: A001 - Sphinx's name for it
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "sphinx_copybutton",
    "sphinx_llm.txt",
]
main.all_commands()  # sphinx-click shows those that are loaded
default_role = "code"  # docstrings write `name`, as Markdown does

html_theme = "furo"
html_title = f"fakekounta {release}"
llms_txt_suppress_unknown_node_warnings = ["abbreviation"]  # the star before keywords in a signature
html_static_path = ["site"]
html_css_files = ["site.css"]
html_theme_options = {
    "source_view_link": f"{URLS['Repository']}/blob/main/docs/{{filename}}",
    "source_edit_link": f"{URLS['Repository']}/edit/main/docs/{{filename}}",
}

myst_heading_anchors = 4
myst_links_external_new_tab = False
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True
highlight_options = {"default": {"stripall": False}}

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88
python_use_unqualified_type_names = True
nitpick_ignore_regex = [
    # No inventory of other packages is fetched, so that the site is built without a network.
    (r"py:class", r"(collections\.abc|contextlib|datetime|hypothesis\.(strategies|stateful))\.\w+"),
    (r"py:class", r"tuple\[.*"),  # Sphinx takes the comma in `tuple[Quirk, ...]` for the end of a type
    # Annotations that are not evaluated name a class by its last name, such as those of keywords and of clients.
    (r"py:(class|exc)", r"[A-Z]\w+"),
    (r"py:.*", r"fakekounta\..*\._T"),  # a type variable
    # Signatures name values and parts of the core; those that a test handles are on the page.
    (r"py:.*", r"fakekounta\.(core|worlds\.handles\.requests)\..*"),
]
# Examples that leave out a part with "..." are no valid JSON or HTTP, and are shown without colours there.
suppress_warnings = ["misc.highlighting_failure"]

_TO_REPOSITORY = re.compile(r"(?<=\]\()\.\./([^)#]+)")
_PUBLIC = {f"{home}.{name}": f"fakekounta.{name}" for name, home in fakekounta._HOMES.items()}


def link_to_repository(app: Sphinx, docname: str, source: list[str]) -> None:
    """Turn links to files outside this folder into links to the repository."""
    source[0] = _TO_REPOSITORY.sub(rf"{URLS['Repository']}/blob/main/\1", source[0])


def add_dark_pictures(app: Sphinx, doctree: nodes.document) -> None:
    """Show NAME-dark.png in place of NAME.png where the reader's colours are dark, if there is one."""
    for image in list(doctree.findall(nodes.image)):
        path = Path(image["uri"])
        dark = path.with_name(f"{path.stem}-dark{path.suffix}")
        if (DOCS / dark).exists():
            twin = image.deepcopy()
            twin["uri"] = str(dark)
            image["classes"].append("only-light")
            twin["classes"].append("only-dark")
            image.parent.insert(image.parent.index(image) + 1, twin)


def resolve_public_name(app: Sphinx, env: Any, node: nodes.Element, content: nodes.Node) -> nodes.Node | None:
    """Let a signature that names a public class by its module, or by its last name, lead to where it is documented."""
    target = node.get("reftarget", "")
    public = _PUBLIC.get(target) or (f"fakekounta.{target}" if target in fakekounta._HOMES else None)
    if public is None:
        return None
    return env.get_domain("py").resolve_xref(env, node["refdoc"], app.builder, "class", public, node, content)


def setup(app: Sphinx) -> None:
    """Register the handlers above."""
    app.connect("source-read", link_to_repository)
    app.connect("doctree-read", add_dark_pictures, priority=100)  # before Sphinx collects the pictures
    app.connect("missing-reference", resolve_public_name)
