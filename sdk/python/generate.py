#!/usr/bin/env python3
"""Writes what the API's document says as Python: `types.py`, `problems.py` and `operations.py`.

    generate.py ../../docs/openapi.json src/onsale

Types are those of datamodel-code-generator. There is no generator of calls that gives what one would write by hand, a method for
each operation with its types and its words, so that is here.
"""
import copy
import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

HEAD = '"""{}"""\n# Written by generate.py from docs/openapi.json.\n'
METHODS = ("get", "put", "post", "patch", "delete")
PRIMITIVES = {"integer": "int", "number": "float", "string": "str", "boolean": "bool", "null": "None", "object": "dict[str, Any]"}
# Calls that write nothing, though they are sent by POST.
READS = {"checkToken", "verifyTicket"}
FOR_PROGRAMS = ("/v1/", "/healthz", "/readyz")


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.replace("-", "_")).lower()


def annotation(schema, names):
    """A schema as the type of an argument or an answer; `names` gathers the types that it needs."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        names.add(name)
        return name
    if "enum" in schema:
        return f"Literal[{', '.join(json.dumps(value) for value in schema['enum'])}]"
    kinds = schema.get("type", "object")
    written = [
        f"list[{annotation(schema['items'], names)}]" if kind == "array" else PRIMITIVES[kind]
        for kind in ([kinds] if isinstance(kinds, str) else kinds)
    ]
    return " | ".join(written)


def paragraph(text, indent):
    """The words of a summary, a description: wrapped, and harmless in a docstring."""
    lines = re.sub(r" {2,}", " ", text).replace("\\", "\\\\").replace('"""', "'''").splitlines()
    fill = [textwrap.wrap(line, 110 - indent, break_long_words=False, break_on_hyphens=False) or [""] for line in lines]
    return ("\n" + " " * indent).join(part for wrapped in fill for part in wrapped).replace("\n" + " " * indent + "\n", "\n\n")


def docstring(summary, description, indent):
    text = summary if summary.endswith((".", "?")) else f"{summary}."
    if description and description != summary:
        text += "\n\n" + description
        return f'"""{paragraph(text, indent)}\n{" " * indent}"""'
    return f'"""{paragraph(text, indent)}"""'


def types(document, to):
    """All schemas but those of refusals, which are classes in problems.py."""
    shown = copy.deepcopy(document)
    shown["paths"] = {}
    shown["components"] = {
        "schemas": {
            name: schema
            for name, schema in document["components"]["schemas"].items()
            if name == "Problem" or not name.endswith("Problem")
        }
    }
    head = HEAD.format("What goes over the wire: the keys of these dictionaries are those of the JSON.")
    options = """--input-file-type openapi --output-model-type typing.TypedDict --target-python-version 3.11
        --enum-field-as-literal all --use-union-operator --use-standard-collections --no-use-closed-typed-dict
        --use-schema-description --use-field-description --disable-timestamp --formatters builtin""".split()
    command = [sys.executable, "-m", "datamodel_code_generator", *options, "--custom-file-header", head, "--output", str(to)]
    subprocess.run(command, input=json.dumps(shown), text=True, check=True)


def problems(document, to):
    """A class for each code."""
    found = {}
    for response in document["components"]["responses"].values():
        for code, example in response["content"]["application/problem+json"]["examples"].items():
            found[code] = example["value"]
    name = lambda code: "".join(part.capitalize() for part in code.split("_"))
    lines = [
        HEAD.format("A class for each reason that the server has to refuse something."),
        "from typing import Literal, TypeAlias\n",
        "from .errors import Problem\n",
        "ProblemCode: TypeAlias = Literal[",
        *(f'    "{code}",' for code in sorted(found)),
        "]",
    ]
    for code, value in sorted(found.items()):
        words = docstring(f"{value['title']} ({value['status']})", value["detail"], 4)
        lines += ["", "", f"class {name(code)}(Problem):", f"    {words}"]
    lines += ["", "", "BY_CODE: dict[str, type[Problem]] = {", *(f'    "{code}": {name(code)},' for code in sorted(found)), "}", ""]
    to.write_text("\n".join(lines), encoding="utf-8")


def method(path, verb, operation, schemas, names):
    """The method for one operation, and how its answer is got out of the response."""
    success = operation["responses"].get("200", {}).get("content", {})
    envelope = success.get("application/json", {}).get("schema")
    if envelope is None or not path.startswith(FOR_PROGRAMS):
        return None  # A page, a redirection or a stream: for browsers, or written by hand.
    inside = envelope.get("properties", {}).get("data")
    answer = annotation(envelope if inside is None else inside, names)
    needed, optional, query, headers, more = ["self"], [], [], [], []
    for parameter in operation.get("parameters", []):
        wire, kind = parameter["name"], annotation(parameter["schema"], names)
        argument = "since" if wire == "from" else snake(wire)
        if wire == "Idempotency-Key":
            more.append("key=idempotency_key or new_key()")
            optional.append("idempotency_key: str | None = None")
        elif parameter["in"] == "path":
            needed.append(f"{argument}: {kind}")
        elif wire != "If-None-Match":  # An answer without a body is none that a method could give.
            optional.append(f"{argument}: {kind}" if parameter.get("required") else f"{argument}: {kind} | None = None")
            (query if parameter["in"] == "query" else headers).append(f'"{wire}": {argument}')
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        needed.append(f"body: {annotation(schema, names)}")
        more.append("body=body")
        # A reference makes a call count once, as a key does.
        if "reference" in schemas[schema["$ref"].rsplit("/", 1)[1]].get("required", []):
            more.append("repeatable=True")
    if operation["operationId"] in READS:
        more.append("repeatable=True")
    where = re.sub(r"\{(\w+)\}", r"{segment(\1)}", path)
    sent = [f'"{verb.upper()}"', f'{"f" if where != path else ""}"{where}"']
    sent += [f"query={{{', '.join(query)}}}"] if query else []
    sent += [f"headers={{{', '.join(headers)}}}"] if headers else []
    head = wrapped(f"    def {snake(operation['operationId'])}(", needed + (["*"] + optional if optional else []), f") -> {answer}:")
    words = docstring(operation["summary"], operation.get("description"), 8)
    take = "json" if inside is None else "data"
    call = wrapped(f"        answer: {answer} = self._transport.{take}(", sent + more, ")")
    return f"{head}\n        {words}\n{call}\n        return answer"


def wrapped(head, parts, tail):
    """One line, where it is not too long; else a line for each part."""
    line = head + ", ".join(parts) + tail
    if len(line) <= 120:
        return line
    indent = " " * (len(head) - len(head.lstrip()))
    return head + "".join(f"\n{indent}    {part}," for part in parts) + f"\n{indent}{tail}"


def operations(document, to):
    names, schemas = set(), document["components"]["schemas"]
    calls = ((path, verb) for path, by_verb in document["paths"].items() for verb in METHODS if verb in by_verb)
    methods = [method(path, verb, document["paths"][path][verb], schemas, names) for path, verb in calls]
    lines = [
        HEAD.format("Every call that is answered with JSON, by the name that it has in the API's document."),
        "from typing import Any, Literal\n",
        "from .transport import Transport, new_key, segment",
        "from .types import (",
        *(f"    {name}," for name in sorted(names)),
        ")\n\n",
        "class Operations:",
        '    """Gives what is in the envelope of an answer, and raises a `Problem` for a refusal."""\n',
        "    def __init__(self, transport: Transport) -> None:",
        "        self._transport = transport\n",
        "\n\n".join(filter(None, methods)),
        "",
    ]
    to.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    document, to = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2])
    types(document, to / "types.py")
    problems(document, to / "problems.py")
    operations(document, to / "operations.py")
