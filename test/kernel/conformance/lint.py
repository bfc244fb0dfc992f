"""What holds for every message a kernel sends, whatever it answers."""

import re
from collections import Counter

VERSION = re.compile(r"^5\.\d+$")
DATE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$")
HEADER = ("msg_id", "session", "username", "date", "msg_type", "version")
MIME = re.compile(r"^[\w\-+.]+/[\w\-+.]+$")

text, number, flag, mapping = (str,), (int, float), (bool,), (dict,)
OK = {"status": text}
BUNDLE = {"data": mapping, "metadata": mapping}

# The fields that each message must have, and their types.
CONTENT = {
    "status": {"execution_state": text},
    "execute_input": {"code": text, "execution_count": (int,)},
    "stream": {"name": text, "text": text},
    "display_data": BUNDLE,
    "update_display_data": {**BUNDLE, "transient": mapping},
    "execute_result": {**BUNDLE, "execution_count": (int,)},
    "error": {"ename": text, "evalue": text, "traceback": (list,)},
    "clear_output": {"wait": flag},
    "comm_open": {"comm_id": text, "target_name": text, "data": mapping},
    "comm_msg": {"comm_id": text, "data": mapping},
    "comm_close": {"comm_id": text},
    "iopub_welcome": {"subscription": text},
    "execute_reply": {**OK, "execution_count": (int,), "user_expressions": mapping},
    "inspect_reply": {**OK, "found": flag, "data": mapping, "metadata": mapping},
    "complete_reply": {**OK, "matches": (list,), "cursor_start": (int,), "cursor_end": (int,), "metadata": mapping},
    "history_reply": {**OK, "history": (list,)},
    "is_complete_reply": OK,
    "comm_info_reply": {**OK, "comms": mapping},
    "kernel_info_reply": {
        **OK,
        "protocol_version": text,
        "implementation": text,
        "implementation_version": text,
        "language_info": mapping,
        "banner": text,
    },
    "shutdown_reply": {**OK, "restart": flag},
    "interrupt_reply": OK,
    "input_request": {"prompt": text, "password": flag},
    "debug_reply": {"type": text, "success": flag},
    "create_subshell_reply": OK,
    "delete_subshell_reply": OK,
    "list_subshell_reply": OK,
}
FAILED = {**OK, "ename": text, "evalue": text, "traceback": (list,)}
REPLIES = {"shell": "_reply", "control": "_reply"}


class Lint:
    """Collects what is wrong with messages, by the check that decides it."""

    def __init__(self):
        self.problems = {"wire.header": Counter(), "wire.content": Counter(), "wire.socket": Counter()}
        self.ids = set()
        self.seen = Counter()

    def __call__(self, channel, identities, header, message):
        kind = header.get("msg_type", "?")
        self.seen[kind] += 1
        for problem in self._header(header, message):
            self.problems["wire.header"][f"{kind}: {problem}"] += 1
        for problem in self._content(kind, message["content"]):
            self.problems["wire.content"][f"{kind}: {problem}"] += 1
        for problem in self._socket(channel, kind, message["parent_header"]):
            self.problems["wire.socket"][f"{kind}: {problem}"] += 1

    def _header(self, header, message):
        for name in HEADER:
            if not isinstance(header.get(name), str) or (header[name] == "" and name != "username"):
                yield f"no {name} in the header"
        if not VERSION.match(str(header.get("version"))):
            yield f"version {header.get('version')!r}"
        if not DATE.match(str(header.get("date"))):
            yield f"date {header.get('date')!r} is no ISO 8601 with a time zone"
        if header.get("msg_id") in self.ids:
            yield "a msg_id for the second time"
        self.ids.add(header.get("msg_id"))
        parent = message["parent_header"]
        if not isinstance(parent, dict):
            yield "parent_header is no object"
        elif parent and not all(parent.get(name) for name in ("msg_id", "session", "msg_type")):
            yield "parent_header is not the whole header of the request"
        if not isinstance(message["metadata"], dict):
            yield "metadata is no object"

    @staticmethod
    def _content(kind, content):
        fields = CONTENT.get(kind)
        status = content.get("status")
        if fields is None:
            # Refusing a request of an unknown type is fine.
            if not (kind.endswith("_reply") and status == "error"):
                yield "an unknown type of message"
            return
        if kind.endswith("_reply") and kind not in ("is_complete_reply", "debug_reply"):
            if status not in ("ok", "error", "aborted"):
                yield f"status {status!r}"
            fields = FAILED if status == "error" else OK if status == "aborted" else fields
        for name, types in fields.items():
            value = content.get(name)
            if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
                yield f"{name} is {value!r:.60}"
        if isinstance(content.get("data"), dict) and "metadata" in fields and kind != "inspect_reply":
            for mime in content["data"]:
                if not MIME.match(mime):
                    yield f"MIME type {mime!r}"
        if kind == "stream" and content.get("name") not in ("stdout", "stderr"):
            yield f"stream {content.get('name')!r}"
        if kind == "error" and not all(isinstance(line, str) for line in content.get("traceback", [])):
            yield "a traceback that is no list of texts"

    @staticmethod
    def _socket(channel, kind, parent):
        right = (
            kind == "input_request"
            if channel == "stdin"
            else kind.endswith("_reply")
            if channel in REPLIES
            # Its end is told to all clients.
            else kind == "shutdown_reply" or not (kind.endswith("_reply") or kind == "input_request")
        )
        if not right:
            yield f"came over {channel}"
        if kind.endswith("_reply") and parent and kind != str(parent.get("msg_type")).replace("_request", "_reply"):
            yield f"answers {parent.get('msg_type')}"
