"""The same behaviour in the language of each kernel.

A value is code, a function that makes code, or an exception: `Wrong` where the kernel has no way to do it, and
`NotApplicable` where it makes no sense in its language.
"""

import json

from registry import NotApplicable, Wrong



def quoted(text):
    """Text as a literal of each of the languages."""
    return json.dumps(text, ensure_ascii=False)


NODE_ONLY = NotApplicable("a matter of JavaScript")

# Code that never ends by itself, by the kind of what it waits in. {spin} is a function of another file that loops.
LOOPS_TYPESCRIPT = {
    "loop": "for (;;);",
    "await": "await new Promise((r) => setTimeout(r, 60000));",
    "loopAfterAwait": "await new Promise((r) => setTimeout(r, 50)); let turns = 0; while (true) turns++;",
    "library": "import { createRequire as cr } from 'node:module'; cr(process.cwd() + '/x.js')('../lib/spin.cjs').spin();",
    "libraryAfterAwait": "import { createRequire as cq } from 'node:module'; await null; cq(process.cwd() + '/x.js')('../lib/spin.cjs').spin();",
    "timer": "await new Promise(() => setTimeout(() => { for (;;); }, 20));",
    "microtask": "await Promise.resolve().then(() => { for (;;); });",
    "catch": "for (;;) { try { for (;;); } catch { /* goes on */ } }",
    "sleep": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
    "child": "import { spawnSync } from 'node:child_process'; const ended = spawnSync('sleep', ['30']); if (ended.signal !== null) throw new Error('sleep was stopped');",
    "training": (
        "let steps = 0; for (let i = 0; i < 100000; i++) { const t = Date.now(); while (Date.now() - t < 20); steps = i;"
        " await new Promise((r) => setImmediate(r)); }"
    ),
    "module": "import { spin } from '../src/spin.ts'; spin();",
}

TYPESCRIPT = {
    "language": "typescript",
    "extension": ".ts",
    # Where source files that cells import lie, and how they are named in imports.
    "sources": ("src", "../src/*.ts"),
    "jsonImport": " with { type: 'json' }",
    "two": "1 + 1",
    "nothing": "void 0",
    "comment": "// nothing",
    "set": lambda name, value: f"let {name} = {value};",
    "change": lambda name, value: f"{name} = {value};",
    "get": lambda name: name,
    "print": lambda text: f"console.log({quoted(text)});",
    "eprint": lambda text: f"console.error({quoted(text)});",
    "lines": lambda count: f"for (let i = 0; i < {count}; i++) console.log('line ' + i)",
    "bigText": lambda count: f"console.log('x'.repeat({count}))",
    "throw": "throw new RangeError('x1')",
    "throwName": "RangeError",
    "throwAny": "throw { code: 7 }",
    "sleep": lambda seconds: f"await new Promise((r) => setTimeout(r, {round(seconds * 1000)}));",
    "block": lambda seconds: f"{{ const t = Date.now(); while (Date.now() - t < {round(seconds * 1000)}); }}",
    # Writes a file, by which the harness sees that the cell runs: what is printed may be shown later.
    "touch": lambda file: f"import {{ writeFileSync as touch }} from 'node:fs'; touch({quoted(file)}, '');",
    # Until a file is there, which the harness writes when it has seen what it wants to see.
    "blockUntil": lambda file: f"import {{ existsSync as isThere }} from 'node:fs'; while (!isThere({quoted(file)}));",
    "tellUntil": lambda file: (
        f"import {{ existsSync as isNear }} from 'node:fs'; while (!isNear({quoted(file)}))"
        " { console.log('tick'); const t = Date.now(); while (Date.now() - t < 100); }"
    ),
    "waitUntil": lambda file: (
        f"import {{ existsSync as isHere }} from 'node:fs'; while (!isHere({quoted(file)})) await new Promise((r) => setTimeout(r, 20));"
    ),
    "join": "\n",
    "syntaxError": "const fine = 1\nconst broken = = 2",
    "errorInLine3": "const one = 1;\nconst two = 2;\nthrow new Error('third');",
    "define": "// a comment first\nfunction failing(): never {\n  throw new Error('from far');\n}",
    "callDefined": "failing()",
    "loops": LOOPS_TYPESCRIPT,
    # Completion and inspection
    "completeSetup": "const ofList = [1];",
    "completeProperty": ("ofList.ma", "map"),
    "completeUnicode": ("'😀'; ofList.le", "length"),
    "completeOwn": ("const w = [1]; w.ma", "map"),
    "inspectDocumented": ("[1].map", 6, "Calls a defined callback"),
    "complete": ["1 + 1", "const a = 1", "function f() {\n  return 1\n}", ""],
    "incomplete": ["for (;;) {", "const a = [1,", "`open", "function f(a: number) {\n"],
    "invalid": ["const = ;", "}", "1 +* 2"],
    # Asking the reader
    "askLater": Wrong("no way to ask the reader with await"),
    "ask": lambda prompt: f"const answer: string | null = prompt({quoted(prompt)});",
    "askPassword": Wrong("no way to ask for a password"),
    "answerLength": "answer!.length",
    # Displays
    "display": Wrong("nothing displays a MIME bundle"),
    "displayMetadata": Wrong("nothing displays a MIME bundle with metadata"),
    "displayId": Wrong("nothing displays under an id"),
    "update": Wrong("nothing updates a display"),
    "clear": Wrong("nothing clears the output"),
    "rich": "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<b>1</b>', 'text/plain': 'one' }) })",
    "richThrows": "({ [Symbol.for('Jupyter.display')]: () => { throw new Error('no picture') } })",
    "longArray": "Array.from({ length: 100000 }, (_, i) => i)",
    "longText": "'x'.repeat(5000000)",
    "deep": "{ const a: any = { name: 'root' }; let b = a; for (let i = 0; i < 2000; i++) { b.next = { i }; b = b.next; } (globalThis as any).deepOne = a; }; (globalThis as any).deepOne",
    "circular": "const ring: Record<string, unknown> = { n: 1 }; ring['self'] = ring; ring",
    "errorValue": "new RangeError('as a value')",
    "png": lambda data: f"Buffer.from('{data}', 'base64')",
    "tensor": "import * as tf from '@tensorflow/tfjs'; await tf.setBackend('cpu'); tf.tensor2d([[1, 2], [3, 6]])",
    "frame": "({ columns: ['a', 'b<'], index: [0, 1], values: [[1, 'x'], [0.1234567, null]], toString: () => 'as text' })",
    "figure": "({ data: [{ type: 'scatter', y: new Float32Array([1, 2]) }], layout: { title: { text: 'a' } } })",
    # Output that does not come from the cell's own flow
    "timer": "setTimeout(() => console.log('late'), 400); 0",
    "promise": "(async () => { await new Promise((r) => setTimeout(r, 400)); console.log('late'); })(); 0",
    "timerDisplay": Wrong("nothing displays a MIME bundle"),
    "childOutput": "import { spawnSync as run1 } from 'node:child_process'; run1('echo', ['from the child'], { stdio: 'inherit' }).status",
    "childError": "import { spawnSync as run2 } from 'node:child_process'; run2('sh', ['-c', 'echo from the child >&2'], { stdio: 'inherit' }).status",
    "childLate": "import { spawn } from 'node:child_process'; spawn('sh', ['-c', 'sleep 0.4; echo late'], { stdio: 'inherit' }).pid! > 0",
    "nativeOutput": "import { writeSync } from 'node:fs'; writeSync(1, 'native\\n')",
    "splitCharacter": "process.stdout.write(Buffer.from([0xe2, 0x82])); process.stdout.write(Buffer.from([0xac])); 0",
    "rejection": "Promise.reject(new Error('late one')); await new Promise((r) => setTimeout(r, 50)); 1",
    # Once a file is there, which the harness writes when the cell has ended.
    "rejectionLater": lambda file: (
        f"import {{ existsSync as isDue }} from 'node:fs'; const rejecting = setInterval(() => {{ if (!isDue({quoted(file)})) return;"
        " clearInterval(rejecting); void Promise.reject(new Error('late two')); }, 20); 0"
    ),
    "timerThrows": lambda file: (
        f"import {{ existsSync as isTime }} from 'node:fs'; const throwing = setInterval(() => {{ if (!isTime({quoted(file)})) return;"
        " clearInterval(throwing); throw new Error('late three'); }, 20); 0"
    ),
    "handledRejection": "await Promise.reject(new Error('x')).catch(() => 5)",
    # The end
    "exit": "console.log('last words'); process.exit(3)",
    "abort": "process.abort()",
    # Comms
    "commTarget": Wrong("no comm targets can be registered"),
    "commOpen": Wrong("no comm can be opened"),
    "commClose": Wrong("no comm can be closed"),
    # Language
    "magics": {
        "time": "%time [3, 1, 2].sort().length",
        "cellTime": "%%time\nlet timed = 0;\nfor (let i = 0; i < 1e6; i++) timed += i;\ntimed",
        "run": "%run ../src/script.ts",
        "runGet": "fromScript + 1",
        "shell": "!echo from the shell",
        "env": "%env MSL_PROBE=7",
        "envGet": "Number(process.env['MSL_PROBE'])",
        "reset": "%reset -f",
        "help": "?documented",
        "documented": "/** Says what it is for. */\nfunction documented(x: number): number { return x; }",
    },
    "script": ("src/script.ts", "export const fromScript: number = 41;\nconsole.log('the script ran');\n"),
    "gc": "globalThis.gc?.()",
    "cellOfMany": lambda i: f"const item = {{ i: {i}, text: 'item {i}' }};\nfunction of{i % 20}(x: number): number {{ return x + item.i; }}\nof{i % 20}(1)",
}


def bridge(call):
    """A call of the bridge of this kernel, which libraries use without importing it."""
    return f"(globalThis as any)[Symbol.for('msl.kernel')].{call}"


MSL = {
    **TYPESCRIPT,
    "askLater": lambda prompt: f"const answer: string = await {bridge(f'input({quoted(prompt)})')};",
    "askPassword": lambda prompt: f"const answer: string = await {bridge(f'input({quoted(prompt)}, true)')};",
    "display": lambda mime, value: bridge(f"display({{ {quoted(mime)}: {quoted(value)} }})"),
    "displayMetadata": bridge("display({ 'text/plain': 'd' }, { metadata: { wide: true } })"),
    "displayId": lambda name, text: bridge(f"display({{ 'text/plain': {quoted(text)} }}, {{ id: {quoted(name)} }})"),
    "update": lambda name, text: bridge(f"update({quoted(name)}, {{ 'text/plain': {quoted(text)} }})"),
    "clear": bridge("clear(true)"),
    "timerDisplay": "setTimeout(() => " + bridge("display({ 'text/plain': 'late' })") + ", 400); 0",
    "commTarget": (
        bridge("comms")
        + """.register('probe', (comm: any, opened: any) => {
  comm.onMessage((m: any) => comm.send({ echo: m.data }, { buffers: m.buffers.map((b: Uint8Array) => Uint8Array.from(b).reverse()) }));
  comm.onClose(() => console.log('closed'));
  console.log('opened');
  comm.send({ opened: opened.data }, { buffers: opened.buffers });
}); 0"""
    ),
    "commOpen": (
        "const front: any = "
        + bridge("comms.open('front', { a: 1 }, { buffers: [new Uint8Array([1, 2])] })")
        + "; front.onMessage((m: any) => console.log('front said ' + m.data.n)); 0"
    ),
    "commClose": "front.close()",
}

TSLAB = {
    **TYPESCRIPT,
    # It refuses files outside the notebook's folder, and extensions; checks of just that use them nevertheless.
    "sources": ("notebooks", "./*"),
    "jsonImport": "",  # older than this syntax
    "loops": {**LOOPS_TYPESCRIPT, "module": "import { spin } from './spin'; spin();"},
    "display": lambda mime, value: f"await import('tslab').then((it) => it.display.raw({quoted(mime)}, {quoted(value)}))",
    "displayId": lambda name, text: f"import * as tslab from 'tslab'; let shown_{name} = tslab.newDisplay(); shown_{name}.text({quoted(text)})",
    "update": lambda name, text: f"shown_{name}.text({quoted(text)})",
    "timerDisplay": "import * as tslab from 'tslab'; setTimeout(() => tslab.display.text('late'), 400); 0",
}


def deno(call):
    return f"await Deno.jupyter.{call}"


DENO = {
    **TYPESCRIPT,
    "display": lambda mime, value: deno(f"display({{ {quoted(mime)}: {quoted(value)} }}, {{ raw: true }})"),
    "displayMetadata": deno(
        "broadcast('display_data', { data: { 'text/plain': 'd' }, metadata: { wide: true }, transient: {} })"
    ),
    "displayId": lambda name, text: deno(
        f"display({{ 'text/plain': {quoted(text)} }}, {{ raw: true, display_id: {quoted(name)} }})"
    ),
    "update": lambda name, text: deno(
        f"display({{ 'text/plain': {quoted(text)} }}, {{ raw: true, display_id: {quoted(name)}, update: true }})"
    ),
    "clear": deno("broadcast('clear_output', { wait: true })"),
    "timerDisplay": "setTimeout(() => Deno.jupyter.display({ 'text/plain': 'late' }, { raw: true }), 400); 0",
    "splitCharacter": "Deno.stdout.writeSync(new Uint8Array([0xe2, 0x82])); Deno.stdout.writeSync(new Uint8Array([0xac])); 0",
    "abort": "import process from 'node:process'; process.abort()",
    "exit": "console.log('last words'); Deno.exit(3)",
    "commOpen": deno(
        "broadcast('comm_open', { comm_id: 'c1', target_name: 'front', data: { a: 1 } }, { buffers: [new Uint8Array([1, 2])] })"
    ),
    "png": lambda data: f"Deno.jupyter.image(Uint8Array.fromBase64('{data}'))",
}

LOOPS_PYTHON = {
    "loop": "while True: pass",
    "await": "import asyncio; await asyncio.sleep(60)",
    "loopAfterAwait": "import asyncio\nawait asyncio.sleep(0.05)\nwhile True: pass",
    "library": "import sys; sys.path.insert(0, '../lib')\nimport spin; spin.spin()",
    "libraryAfterAwait": "import sys, asyncio; sys.path.insert(0, '../lib')\nawait asyncio.sleep(0.01)\nimport spin; spin.spin()",
    "timer": "import asyncio\ndef spinning():\n    while True: pass\nasyncio.get_running_loop().call_later(0.02, spinning); await asyncio.sleep(60)",
    "microtask": "async def inner():\n    while True: pass\nawait inner()",
    "catch": "while True:\n    try:\n        while True: pass\n    except Exception: pass",
    "sleep": "import time; time.sleep(60)",
    "child": "import subprocess; subprocess.run(['sleep', '30'], check=True)",
    "training": "import time\nsteps = 0\nfor i in range(100000):\n    time.sleep(0.02)\n    steps = i",
    "module": "import sys; sys.path.insert(0, '../src')\nimport spin2; spin2.spin()",
}

PYTHON = {
    "language": "python",
    "extension": ".py",
    "two": "1 + 1",
    "nothing": "None",
    "comment": "# nothing",
    "set": lambda name, value: f"{name} = {value}",
    "change": lambda name, value: f"{name} = {value}",
    "get": lambda name: name,
    "print": lambda text: f"print({quoted(text)})",
    "eprint": lambda text: f"import sys; print({quoted(text)}, file=sys.stderr)",
    "lines": lambda count: f"for i in range({count}): print('line', i)",
    "bigText": lambda count: f"print('x' * {count})",
    "throw": "raise ValueError('x1')",
    "throwName": "ValueError",
    "throwAny": NODE_ONLY,
    "sleep": lambda seconds: f"import time; time.sleep({seconds})",
    "block": lambda seconds: f"import time; time.sleep({seconds})",
    "touch": lambda file: f"open({file!r}, 'w').close()",
    "tellUntil": lambda file: f"import os, time\nwhile not os.path.exists({file!r}):\n    print('tick')\n    time.sleep(0.1)",
    "blockUntil": lambda file: f"import os, time\nwhile not os.path.exists({file!r}): time.sleep(0.02)",
    "waitUntil": lambda file: f"import os, time\nwhile not os.path.exists({file!r}): time.sleep(0.02)",
    "join": "\n",
    "syntaxError": "fine = 1\nbroken = = 2",
    "errorInLine3": "one = 1\ntwo = 2\nraise Exception('third')",
    "define": "# a comment first\ndef failing():\n  raise Exception('from far')\n",
    "callDefined": "failing()",
    "loops": LOOPS_PYTHON,
    "completeSetup": "ofList = [1]",
    "completeProperty": ("ofList.app", "append"),
    "completeUnicode": ("'😀'; ofList.app", "append"),
    "completeOwn": ("w = [1]; w.app", "append"),
    "inspectDocumented": ("sorted", 5, "Return a new list"),
    "complete": ["1 + 1", "a = 1", "def f():\n    return 1\n\n", ""],
    "incomplete": ["for i in range(3):", "a = [1,", "'''open", "def f(a):\n"],
    "invalid": ["a = = 1", ")", "1 +* 2"],
    "askLater": NotApplicable("input() of Python waits without await"),
    "ask": lambda prompt: f"answer = input({quoted(prompt)})",
    "askPassword": lambda prompt: f"import getpass; answer = getpass.getpass({quoted(prompt)})",
    "answerLength": "len(answer)",
    "display": lambda mime, value: f"from IPython.display import display; display({{{mime!r}: {value!r}}}, raw=True)",
    "displayMetadata": "from IPython.display import display; display({'text/plain': 'd'}, raw=True, metadata={'wide': True})",
    "displayId": lambda name, text: f"from IPython.display import display; _ = display({{'text/plain': {text!r}}}, raw=True, display_id={name!r})",
    "update": lambda name, text: f"from IPython.display import update_display; update_display({{'text/plain': {text!r}}}, raw=True, display_id={name!r})",
    "clear": "from IPython.display import clear_output; clear_output(wait=True)",
    "rich": "class R:\n    def _repr_html_(self): return '<b>1</b>'\n    def __repr__(self): return 'one'\nR()",
    "richThrows": "class S:\n    def _repr_html_(self): raise Exception('no picture')\nS()",
    "longArray": "list(range(100000))",
    "longText": NotApplicable("Python shows a text as it is"),
    "deep": "a = []; b = a\nfor i in range(500):\n    b.append([]); b = b[0]\nrepr(a)[:10]",
    "circular": "ring = {'n': 1}; ring['self'] = ring; ring",
    "errorValue": "ValueError('as a value')",
    "png": lambda data: f"from IPython.display import Image; import base64; Image(base64.b64decode('{data}'))",
    "tensor": NotApplicable("no tensor library in its environment"),
    "frame": NotApplicable("no data frames in its environment"),
    "figure": NotApplicable("no plotly in its environment"),
    "timer": "import threading; threading.Timer(0.4, lambda: print('late')).start(); 0",
    "promise": "import asyncio\nasync def later():\n    await asyncio.sleep(0.4)\n    print('late')\n_task = asyncio.ensure_future(later()); 0",
    "timerDisplay": "import asyncio\nfrom IPython.display import display\nasync def later2():\n    await asyncio.sleep(0.4)\n    display({'text/plain': 'late'}, raw=True)\n_task2 = asyncio.ensure_future(later2()); 0",
    "childOutput": "import subprocess; subprocess.run(['echo', 'from the child']).returncode",
    "childError": "import subprocess; subprocess.run(['sh', '-c', 'echo from the child >&2']).returncode",
    "childLate": "import subprocess; _child = subprocess.Popen(['sh', '-c', 'sleep 0.4; echo late']); True",
    "nativeOutput": "import os; os.write(1, b'native\\n')",
    "splitCharacter": NotApplicable("text streams of Python take no bytes"),
    "rejection": NotApplicable("Python's tasks keep their exceptions"),
    "rejectionLater": lambda file: (
        f"import asyncio, os\nasync def failing2():\n    while not os.path.exists({file!r}): await asyncio.sleep(0.02)\n"
        "    raise Exception('late two')\nasyncio.get_running_loop().create_task(failing2()); 0"
    ),
    "timerThrows": lambda file: (
        f"import os, threading, time\ndef failing3():\n    while not os.path.exists({file!r}): time.sleep(0.02)\n"
        "    raise Exception('late three')\nthreading.Timer(0, failing3).start(); 0"
    ),
    "handledRejection": NODE_ONLY,
    "exit": "print('last words'); exit()",
    "abort": "import os; os.abort()",
    "commTarget": (
        "def opened(comm, message):\n"
        "    def received(m):\n"
        "        comm.send({'echo': m['content']['data']}, buffers=[bytes(reversed(bytes(b))) for b in m['buffers']])\n"
        "    comm.on_msg(received)\n"
        "    comm.on_close(lambda m: print('closed'))\n"
        "    print('opened')\n"
        "    comm.send({'opened': message['content']['data']}, buffers=message['buffers'])\n"
        "get_ipython().kernel.comm_manager.register_target('probe', opened)"
    ),
    "commOpen": (
        "from comm import create_comm\n"
        "front = create_comm(target_name='front', data={'a': 1}, buffers=[b'\\x01\\x02'])\n"
        "front.on_msg(lambda m: print('front said', m['content']['data']['n']))"
    ),
    "commClose": "front.close()",
    "magics": {
        "time": "%time sum(range(3))",
        "cellTime": "%%time\ntimed = sum(range(1000000))\ntimed",
        "run": "%run ../src/script.py",
        "runGet": "fromScript + 1",
        "shell": "!echo from the shell",
        "env": "%env MSL_PROBE=7",
        "envGet": "import os; int(os.environ['MSL_PROBE'])",
        "reset": "%reset -f",
        "help": "?documented",
        "documented": "def documented(x):\n    'Says what it is for.'\n    return x",
    },
    "script": ("src/script.py", "fromScript = 41\nprint('the script ran')\n"),
    "gc": "import gc; gc.collect()",
    "cellOfMany": lambda i: f"item = {{'i': {i}, 'text': 'item {i}'}}\ndef of{i % 20}(x): return x + item['i']\nof{i % 20}(1)",
}

# By the name of the column in the table.
SNIPPETS = {"msl": MSL, "tslab": TSLAB, "ipykernel": PYTHON, "deno": DENO}
