"""Notebooks and Markdown as HTML, by nbconvert: reads {"notebooks": [...], "documents": [...]} from standard input and
writes {file: html, ..., "styles": {"light": css, "dark": css}} to standard output. See pages.mjs."""

import json
import sys

import nbformat
from nbconvert import HTMLExporter
from nbconvert.filters import markdown2html
from pygments.formatters import HtmlFormatter


def notebook_html(exporter, file):
    notebook = nbformat.read(file, as_version=4)
    # Cells are TypeScript, whatever the kernel that saved them called it.
    notebook.metadata["language_info"] = {"name": "typescript", "pygments_lexer": "typescript"}
    html, _ = exporter.from_notebook_node(notebook)
    return html


def document_html(file):
    with open(file, encoding="utf-8") as text:
        return markdown2html(text.read())


def main():
    work = json.load(sys.stdin)
    exporter = HTMLExporter(template_name="msl-site")
    pages = {file: notebook_html(exporter, file) for file in work["notebooks"]}
    pages.update({file: document_html(file) for file in work["documents"]})
    pages["styles"] = {
        "light": HtmlFormatter(style="default").get_style_defs(".highlight"),
        "dark": HtmlFormatter(style="github-dark").get_style_defs(".highlight"),
    }
    json.dump(pages, sys.stdout)


if __name__ == "__main__":
    main()
