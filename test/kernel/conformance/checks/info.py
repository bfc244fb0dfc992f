"""What the kernel says of itself."""

import re

from registry import check, expect


@check("info.fields", "kernel_info: versions, banner, language")
def fields(t):
    info = t.kernel.ask("kernel_info_request").reply
    expect(info["status"] == "ok", info, "status ok")
    for name in ("protocol_version", "implementation", "implementation_version", "banner"):
        expect(isinstance(info.get(name), str) and info[name], f"{name}: {info.get(name)!r}", "a text")
    language = info["language_info"]
    for name in ("name", "version", "mimetype", "file_extension"):
        expect(isinstance(language.get(name), str) and language[name], f"language_info.{name}: {language.get(name)!r}", "a text")
    expect(language["name"] == t.s.language, language["name"], t.s.language)
    expect(language["file_extension"] == t.s.extension, language["file_extension"], t.s.extension)


@check("info.protocol", "kernel_info: protocol 5.5 or newer in the series")
def protocol(t):
    version = t.kernel.ask("kernel_info_request").reply["protocol_version"]
    major, minor = map(int, re.match(r"(\d+)\.(\d+)", version).groups())
    expect((major, minor) >= (5, 5), version, "5.5")


@check("info.highlighting", "kernel_info: lexer and editor mode, so that cells and exports are coloured")
def highlighting(t):
    language = t.kernel.ask("kernel_info_request").reply["language_info"]
    expect(language.get("pygments_lexer"), language, "pygments_lexer")
    expect(language.get("codemirror_mode"), language, "codemirror_mode")


@check("info.helpLinks", "kernel_info: links for the Help menu")
def help_links(t):
    links = t.kernel.ask("kernel_info_request").reply.get("help_links")
    good = isinstance(links, list) and len(links) > 0 and all(link.get("text") and link.get("url") for link in links)
    expect(good, links, "at least one {text, url}")


@check("info.control", "kernel_info is answered on control too")
def control(t):
    cell = t.kernel.ask("kernel_info_request", channel="control")
    expect(cell.reply and cell.reply.get("banner"), cell, "the same reply")


@check("info.debugger", "A debugger answers, or is declared not to be there")
def debugger(t):
    info = t.kernel.ask("kernel_info_request").reply
    declared = info.get("debugger") is True or "debugger" in info.get("supported_features", [])
    request = {"type": "request", "seq": 1, "command": "debugInfo", "arguments": {}}
    cell = t.kernel.ask("debug_request", request, channel="control")
    if declared:
        expect(cell.reply and cell.reply.get("success") is True, cell, "success, as it declares a debugger")
        t.note("has a debugger")
    else:
        known = "debugger" in info or "supported_features" in info
        expect(known, sorted(info), "debugger: false, or supported_features without it")
        expect(cell.reply is None or cell.reply.get("status") == "error" or cell.reply.get("success") is False, cell, "refused")
        t.note("declares that it has none")
    expect(t.kernel.answers(t.s.two), "no answer afterwards", "the kernel goes on")
