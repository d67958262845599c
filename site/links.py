# SPDX-License-Identifier: Apache-2.0
"""What site/build does to pages: their links before, their links after, and the list of versions."""

import html
import os
import re
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

LINK = re.compile(r"(\]\()([^)\s]+)(\))")


def stage(page, home, target):
    """Copies a page; a link to a file that is none becomes one to the sources."""
    folder = os.path.dirname(page)

    def turned(match):
        link = match.group(2)
        if urlsplit(link).scheme or link.startswith("#"):
            return match.group(0)
        path, _, anchor = link.partition("#")
        where = os.path.normpath(os.path.join(folder, path))
        if path.endswith(".md") or where == "docs/tck-report.schema.json":
            return match.group(0)
        if not os.path.exists(where):
            sys.exit(f"site: {page}: {link} is not there")
        kind = "tree" if os.path.isdir(where) else "blob"
        return match.group(1) + f"{home}/{kind}/main/{where}" + (f"#{anchor}" if anchor else "") + match.group(3)

    with open(page, encoding="utf-8") as read:
        text = read.read()
    with open(target, "w", encoding="utf-8") as written:
        written.write(LINK.sub(turned, text))


class Page(HTMLParser):
    """The links of a page, and where one can lead to in it."""

    def __init__(self, text):
        super().__init__()
        self.links = []
        self.anchors = {""}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        known = dict(attributes)
        self.anchors.update(known[key] for key in ("id", "name") if known.get(key))
        self.links.extend(known[key] for key in ("href", "src") if known.get(key))


def check(site):
    """Follows every link from page to page. Javadoc is looked at as a target only: its own links are Javadoc's."""
    pages = {}

    def parsed(file):
        if file not in pages:
            with open(file, encoding="utf-8") as read:
                pages[file] = Page(read.read())
        return pages[file]

    wrong = []
    followed = 0
    for folder, folders, files in os.walk(site):
        folders[:] = [name for name in folders if name != "javadoc"]
        for name in files:
            if not name.endswith(".html") or name == "404.html":
                continue
            file = os.path.join(folder, name)
            for link in parsed(file).links:
                parts = urlsplit(link)
                if parts.scheme or parts.netloc:
                    continue
                target = os.path.normpath(os.path.join(folder, unquote(parts.path))) if parts.path else file
                if os.path.isdir(target):
                    target = os.path.join(target, "index.html")
                anchor = unquote(parts.fragment)
                followed += 1
                if not os.path.isfile(target):
                    wrong.append(f"{os.path.relpath(file, site)}: {link} is not there")
                elif anchor and target.endswith(".html") and anchor not in parsed(target).anchors:
                    wrong.append(f"{os.path.relpath(file, site)}: {link} has no such anchor")
    for line in sorted(set(wrong)):
        print("site:", line, file=sys.stderr)
    print(f"site: {followed} links of {len(pages)} pages followed")
    return 1 if wrong or not followed else 0


def versions(out):
    """A page that lists what is there, the newest version first."""

    def order(name):
        return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"[.-]", name)]

    there = [name for name in os.listdir(out) if os.path.isfile(os.path.join(out, name, "index.html"))]
    lines = "".join(
        f'<li><a href="{html.escape(name)}/index.html">{html.escape(name)}</a></li>'
        for name in sorted(there, key=order, reverse=True)
    )
    with open(os.path.join(out, "index.html"), "w", encoding="utf-8") as written:
        written.write(
            '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>Holdfast</title><h1>Holdfast</h1><p>The pages of</p><ul>{lines}</ul></html>\n"
        )
    return 0


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    sys.exit({"stage": stage, "check": check, "versions": versions}[what](*arguments) or 0)
