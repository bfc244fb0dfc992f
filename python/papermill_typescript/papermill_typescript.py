"""Lets papermill give parameters to TypeScript notebooks.

The cell after the one tagged `parameters` becomes `const name: type = value;` for each of them. The type is the one
that the parameters cell declares, else that of the value; so a value that does not fit is a type error of the notebook.

papermill has entry points for engines and none for translators of parameters. It loads the modules of the former when
it is imported, and this one then registers its translator. The folder of this file is on the path of whatever the
project's scripts start; nothing is installed.
"""

import datetime
import json
import math
import re

from papermill.engines import NBClientEngine
from papermill.exceptions import PapermillException
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

NAME = re.compile(r"[^\W\d][\w$]*|[$][\w$]*")
RESERVED = frozenset(
    "await break case catch class const continue debugger default delete do else enum export extends false finally for "
    "function if implements import in instanceof interface let new null package private protected public return static "
    "super switch this throw true try typeof var void while with yield".split()
)
LARGEST = 2**53 - 1


def is_name(text):
    return NAME.fullmatch(text) is not None and text not in RESERVED


def text_literal(text):
    """A string of TypeScript; what cannot be written as it is, is escaped."""
    literal = json.dumps(text, ensure_ascii=False)
    return re.sub("[\u2028\u2029\ud800-\udfff\x7f]", lambda m: f"\\u{ord(m[0]):04x}", literal)


def number_literal(value):
    if isinstance(value, int):
        return str(value) if abs(value) <= LARGEST else f"{value}n"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value).removesuffix(".0")


def key_text(key):
    if isinstance(key, str):
        return key
    if key is None or isinstance(key, bool):
        return json.dumps(key)
    return number_literal(key) if isinstance(key, (int, float)) else str(key)


def key_literal(key):
    key = key_text(key)
    if key == "__proto__":
        return '["__proto__"]'  # without brackets it would be the prototype
    return key if NAME.fullmatch(key) else text_literal(key)


def literal(value):
    """The value as an expression of TypeScript."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number_literal(value)
    if isinstance(value, dict):
        entries = [f"{key_literal(key)}: {literal(item)}" for key, item in value.items()]
        return f"{{ {', '.join(entries)} }}" if entries else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, (datetime.date, datetime.time)):
        return text_literal(value.isoformat())
    return text_literal(str(value))


def type_of(value):
    """The type of the value, wide enough that it can be compared with others of its kind."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) and abs(value) > LARGEST:
        return "bigint"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, dict):
        entries = [f"{key_literal(key)}: {type_of(item)}" for key, item in value.items()]
        return f"{{ {'; '.join(entries)} }}" if entries else "Record<string, unknown>"
    if isinstance(value, (list, tuple)):
        types = list(dict.fromkeys(map(type_of, value)))
        if len(types) == 1:
            return f"{types[0]}[]"
        return f"({' | '.join(types)})[]" if types else "unknown[]"
    return "string"


TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)"""
    r"""|(?P<arrow>=>|[=!<>]=+)|(?P<word>[\w$]+)|(?P<space>\s+)|(?P<sign>.)""",
    re.DOTALL,
)


def declarations(source):
    """`name, type, value, comment` of the variables that a cell declares; type and comment may be empty.

    Not a parser: it reads what parameters look like, and gives up on the rest without a complaint.
    """
    tokens = [(match.lastgroup, match[0]) for match in TOKEN.finditer(source)]
    position = 0

    def until(ends):
        """The text up to one of some signs outside of all brackets, and which it was."""
        nonlocal position
        depth = 0
        text = ""
        while position < len(tokens):
            kind, token = tokens[position]
            if kind == "comment" or (kind == "space" and "\n" in token and depth == 0 and text.strip() and "\n" in ends):
                return text.strip(), "\n"
            if kind == "sign":
                if depth == 0 and token in ends:
                    position += 1
                    return text.strip(), token
                depth += (token in "([{<") - (token in ")]}>")
            text += token
            position += 1
        return text.strip(), ""

    while position < len(tokens):
        kind, token = tokens[position]
        position += 1
        if kind != "word" or token not in ("const", "let", "var"):
            continue
        end = ","
        while end == ",":
            name, end = until(":=;")
            if not is_name(name):
                break
            declared, end = until("=;") if end == ":" else ("", end)
            value, end = until(",;\n") if end == "=" else ("", end)
            comment = ""
            while position < len(tokens) and tokens[position][0] in ("comment", "space"):
                kind, token = tokens[position]
                if kind == "space" and "\n" in token:
                    break
                if kind == "comment":
                    comment = token.strip("/* ")
                position += 1
            yield name, declared, value, comment


class TypeScriptTranslator(Translator):
    """papermill asks for the parameters that a notebook has before it asks for the cell that sets them."""

    _declared: dict[str, str] = {}

    @classmethod
    def inspect(cls, parameters_cell):
        found = list(declarations(parameters_cell["source"]))
        cls._declared = {name: declared for name, declared, _, _ in found if declared}
        return [Parameter(name, declared or "None", value, comment) for name, declared, value, comment in found]

    @classmethod
    def translate(cls, val):
        return literal(val)

    @classmethod
    def comment(cls, cmt_str):
        return f"// {' '.join(cmt_str.splitlines())}"

    @classmethod
    def codify(cls, parameters, comment="Parameters"):
        declared, cls._declared = cls._declared, {}
        lines = [cls.comment(comment)]
        for name, value in parameters.items():
            if not is_name(name):
                raise PapermillException(f"The parameter {name!r} cannot be a name in TypeScript")
            lines.append(f"const {name}: {declared.get(name) or type_of(value)} = {literal(value)};")
        return "\n".join(lines) + "\n"


class TypeScriptEngine(NBClientEngine):
    """papermill's own engine; its entry point is what makes papermill load this file."""


for name in ("typescript", "tslab"):
    papermill_translators.register(name, TypeScriptTranslator)
