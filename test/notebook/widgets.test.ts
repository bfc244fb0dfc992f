import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import fs from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, test } from 'node:test';
import util from 'node:util';

import { createComms } from '../../src/kernel/comms/index.ts';
import {
  button,
  checkbox,
  dropdown,
  hbox,
  html,
  interact,
  label,
  meter,
  output,
  slider,
  text,
  vbox,
  type NotebookKernel,
  type Widget,
} from '../../src/notebook/index.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What ipywidgets sends; reference.py made it. */
const reference = JSON.parse(
  fs.readFileSync(new URL('../kernel/comms/reference.json', import.meta.url), 'utf8'),
) as {
  readonly opened: Readonly<Record<string, readonly { readonly id: string }[]>>;
  readonly set_by_client: readonly unknown[];
  readonly set_by_kernel: readonly unknown[];
  readonly described: Fields;
};

const KERNEL = Symbol.for('msl.kernel');
afterEach(() => {
  Reflect.deleteProperty(globalThis, KERNEL);
});

/** A front end: what it is sent, and ways to answer. The kernel's side of the comms is the real one. */
function frontEnd({ interactive = true } = {}) {
  const messages: { type: string; id: string; data: Fields; metadata: Fields; parent: string | undefined }[] =
    [];
  const reports: unknown[] = [];
  const shown: unknown[] = [];
  interface Header {
    readonly msg_id: string;
    readonly msg_type: string;
  }
  const comms = createComms<Header>({
    send: (type, content, { metadata, parent }) => {
      const { comm_id: id, data, ...rest } = structuredClone(content) as { comm_id: string; data: Fields };
      messages.push({ type, id, data, metadata, ...rest, parent: parent?.msg_id });
    },
    report: (error) => reports.push(error),
    parent: () => undefined,
  });
  const captured = new AsyncLocalStorage<(type: string, content: Fields) => void>();
  const kernel: Partial<NotebookKernel> = {
    comms,
    interactive: () => interactive,
    show: (value) => {
      const publish = captured.getStore();
      if (publish) publish('display_data', { data: { 'text/plain': String(value) }, metadata: {} });
      else shown.push(value);
    },
    capture: (publish, work) => captured.run(publish, work),
  };
  Object.defineProperty(globalThis, KERNEL, { value: kernel, configurable: true });
  const say = (type: string, id: string, data: Fields, more: Fields = {}): void => {
    comms.handle({
      header: { msg_id: 'request', msg_type: type },
      metadata: {},
      content: { comm_id: id, data, ...more },
      buffers: [],
    });
  };
  return {
    messages,
    reports,
    shown,
    /** Shows a widget and returns its model's id. */
    show: (widget: Widget): string => {
      const bundle = display(widget);
      return (bundle['application/vnd.jupyter.widget-view+json'] as { model_id: string }).model_id;
    },
    /** The reader changes a property. */
    change: (id: string, state: Fields): void => {
      say('comm_msg', id, { method: 'update', state, buffer_paths: [] });
    },
    click: (id: string): void => {
      say('comm_msg', id, { method: 'custom', content: { event: 'click' } });
    },
    say,
    /** What was sent since the last call. */
    news: () => messages.splice(0),
  };
}

const display = (widget: Widget | (() => void)): Fields =>
  (widget as unknown as Record<symbol, () => Fields>)[Symbol.for('Jupyter.display')]!();

const updates = (messages: readonly { data: Fields }[]) => messages.map(({ data }) => data);

/** Messages by what they open, with ids that say what they stand for, so that the order does not matter. */
function byModel(messages: readonly { readonly id: string }[]): unknown {
  const text = JSON.stringify(messages);
  const names = messages.map((message) => {
    const { _model_name: name } = (message as unknown as { data: { state: Fields } }).data.state;
    // The layout of a label and that of its box have the same name; so they get the name of what has them.
    const user = messages.find((other) => JSON.stringify(other).includes(`"IPY_MODEL_${message.id}"`));
    const of = user ? String((user as unknown as { data: { state: Fields } }).data.state['_model_name']) : '';
    return { id: message.id, name: `${String(name)} of ${of}` };
  });
  const named = names.reduce(
    (json, { id, name }) =>
      json
        .replaceAll(`"IPY_MODEL_${id}"`, `"IPY_MODEL_${name}"`)
        .replaceAll(`"id":"${id}"`, `"id":"${name}"`),
    text,
  );
  // Through JSON, so that what is undefined is left out.
  return (JSON.parse(named) as { id: string }[]).sort((a, b) => (a.id < b.id ? -1 : 1));
}

const SAMPLES: Readonly<Record<string, () => Widget>> = {
  'integer slider': () => slider({ value: 3, min: 1, max: 10, step: 2, description: 'n' }),
  slider: () => slider({ value: 0.5, min: 0, max: 1, step: 0.25, description: 'margin' }),
  'log slider': () => slider({ value: 0.01, min: 1e-4, max: 1, step: 0.5, description: 'rate', log: true }),
  button: () => button({ description: 'Start', tooltip: 'Starts the training' }),
  checkbox: () => checkbox({ value: true, description: 'augment' }),
  dropdown: () => dropdown({ options: ['a', 'b'], value: 'b', description: 'loss' }),
  text: () => text({ value: 'x', placeholder: 'a name', description: 'name', continuous: true }),
  html: () => html('<b>1</b>'),
  label: () => label('a'),
  output: () => output(),
  row: () => hbox(label('a')),
  column: () => {
    const box = vbox(label('a'));
    box.layout = { borderTop: '1px solid' };
    box.layout = { width: '50%' };
    return box;
  },
  meter: () => meter({ max: 5, value: 2, description: 'epochs' }),
};

test('there is a sample for every widget of the reference', () => {
  assert.deepEqual(Object.keys(SAMPLES), Object.keys(reference.opened));
});

for (const [name, make] of Object.entries(SAMPLES)) {
  test(`${name}: opened as ipywidgets opens it, parts before what holds them`, () => {
    const { messages, show } = frontEnd();
    const id = show(make());
    const plain = messages.map((message) => ({ ...message, parent: undefined }));
    assert.deepEqual(byModel(plain), byModel(reference.opened[name]!));
    assert.equal(messages.at(-1)?.id, id);
    const known = new Set<string>();
    for (const message of messages) {
      for (const [, part] of JSON.stringify(message.data).matchAll(/IPY_MODEL_(\w+)/g)) {
        assert.ok(known.has(part!), `${part} is known when ${message.id} refers to it`);
      }
      known.add(message.id);
    }
  });
}

test('a widget is shown by its model and by words, and opened once', () => {
  const { messages, show } = frontEnd();
  const rate = slider({ min: 0.5, max: 2, description: 'rate' });
  assert.deepEqual(messages, [], 'nothing is sent before it is shown');
  const id = show(rate);
  const sent = messages.length;
  assert.deepEqual(display(rate), {
    'text/plain': 'slider "rate": 0.5 (0.5 to 2)',
    'application/vnd.jupyter.widget-view+json': { ...reference.described, model_id: id },
  });
  assert.equal(messages.length, sent);
});

test('changes of the reader arrive, are echoed as the answer to the request, and heard once', () => {
  const { show, change, news, reports } = frontEnd();
  const n = slider({ min: 0, max: 10, value: 3 });
  const heard: unknown[] = [];
  const stop = n.onChange((value, previous) => heard.push([value, previous]));
  assert.deepEqual(display(stop), {}, 'nothing is to be seen of a cell that ends with adding a listener');
  const id = show(n);
  news();
  change(id, { value: 4 });
  assert.equal(n.value, 4);
  const echo = news();
  assert.deepEqual(updates(echo), reference.set_by_client);
  assert.equal(echo[0]?.parent, 'request');
  change(id, { value: 4 });
  stop();
  change(id, { value: 5 });
  assert.deepEqual(heard, [[4, 3]]);
  assert.deepEqual(reports, []);
});

test('changes by code are sent and heard; equal values are not', () => {
  const { show, news } = frontEnd();
  const n = slider({ min: 0, max: 10, value: 3 });
  const heard: unknown[] = [];
  n.onChange((value) => heard.push(value));
  n.value = 4;
  show(n);
  news();
  n.value = 5;
  n.value = 5;
  const sent = news();
  assert.deepEqual(updates(sent), reference.set_by_kernel);
  assert.equal(sent[0]?.parent, undefined);
  assert.deepEqual(heard, [4, 5]);
  n.disabled = true;
  n.description = 'n';
  assert.deepEqual(
    updates(news()).map(({ state }) => state),
    [{ disabled: true }, { description: 'n' }],
  );
});

test('values that a control cannot have are refused from code and put right from the front end', () => {
  const { show, change, news } = frontEnd();
  const n = slider({ min: 0, max: 10, value: 3, description: 'n' });
  assert.throws(() => (n.value = 11), /slider "n": 11 is not between 0 and 10/);
  assert.throws(() => (n.value = NaN), RangeError);
  assert.throws(() => slider({ min: 0, max: 1, value: 2 }), RangeError);
  assert.throws(() => slider({ min: 1, max: 1 }), /min is 1, which is not below max, 1/);
  assert.throws(() => slider({ min: 0, max: 1, log: true }), /above 0, and is 0/);
  assert.throws(() => dropdown({ options: [] }), /no options/);
  assert.throws(() => dropdown({ options: ['a'], value: 'b' as 'a' }), /b is none of its options, a/);
  const id = show(n);
  news();
  change(id, { value: 'rubbish', unknown: 1 });
  assert.equal(n.value, 3);
  assert.deepEqual(updates(news()), [
    { method: 'echo_update', state: { value: 'rubbish' }, buffer_paths: [] },
    { method: 'update', state: { value: 3 }, buffer_paths: [] },
  ]);
  change(id, { value: 12 });
  assert.equal(n.value, 10);
  const loss = dropdown({ options: { cross: 'ce', margin: 'msl' } });
  const heard: unknown[] = [];
  loss.onChange((value) => heard.push(value));
  const lossId = show(loss);
  change(lossId, { index: 1 });
  change(lossId, { index: 2 });
  assert.deepEqual([loss.value, heard], ['msl', ['msl']]);
  loss.value = 'ce';
  assert.deepEqual(updates(news()).at(-1), { method: 'update', state: { index: 0 }, buffer_paths: [] });
});

test('an error of one listener reaches the report, not the others and not the value', async () => {
  const { show, change, reports } = frontEnd();
  const n = slider({ min: 0, max: 10 });
  const heard: number[] = [];
  n.onChange(() => {
    throw new Error('at once');
  });
  n.onChange(async (value) => {
    await wait(1);
    heard.push(value);
  });
  change(show(n), { value: 2 });
  await wait(20);
  assert.deepEqual(heard, [2]);
  assert.deepEqual(
    reports.map((error) => (error as Error).message),
    ['at once'],
  );
});

test('for await: the value, then changes, only the newest for a slow loop; break ends it', async () => {
  const { show, change } = frontEnd();
  const n = slider({ min: 0, max: 10, value: 1 });
  const id = show(n);
  const seen: number[] = [];
  const loop = (async () => {
    for await (const value of n) {
      seen.push(value);
      if (value === 9) break;
      await wait(10);
    }
  })();
  await wait(2);
  for (const value of [2, 3, 4]) change(id, { value });
  await wait(30);
  change(id, { value: 9 });
  await loop;
  assert.deepEqual(seen, [1, 4, 9]);
});

test('for await ends when the control is closed', { timeout: 60_000 }, async () => {
  const { show } = frontEnd();
  const yes = checkbox();
  show(yes);
  const loop = (async () => {
    const seen: boolean[] = [];
    for await (const value of yes) seen.push(value);
    return seen;
  })();
  await wait(1);
  yes.close();
  assert.deepEqual(await loop, [false]);
});

test('loops and waits end when their cell is interrupted', { timeout: 60_000 }, async () => {
  const { show, change, click } = frontEnd();
  const cell = new AbortController();
  Object.assign((globalThis as Record<symbol, unknown>)[KERNEL] as object, { signal: cell.signal });
  const n = slider({ min: 0, max: 10 });
  const go = button({ description: 'Go' });
  const [id, goId] = [show(n), show(go)];
  const seen: number[] = [];
  const loop = (async () => {
    for await (const value of n) seen.push(value);
  })();
  const clicked = go.clicked();
  const earlier = go.clicked();
  click(goId);
  await clicked;
  await earlier;
  const later = go.clicked();
  await wait(1);
  cell.abort(new Error('interrupted'));
  await assert.rejects(loop, /interrupted/);
  await assert.rejects(later, /interrupted/);
  change(id, { value: 3 });
  click(goId);
  assert.deepEqual(seen, [0]);
});

test('listeners belong to the cell that added them', () => {
  const { show, change } = frontEnd();
  const cells = new AsyncLocalStorage<string>();
  const bind: NotebookKernel['bind'] = (work) => {
    const cell = cells.getStore();
    return (...args) => (cell === undefined ? work(...args) : cells.run(cell, () => work(...args)));
  };
  Object.assign((globalThis as Record<symbol, unknown>)[KERNEL] as object, { bind });
  const n = slider({ min: 0, max: 10 });
  const heard: unknown[] = [];
  const listener = (value: number) => heard.push([value, cells.getStore()]);
  cells.run('cell 1', () => n.onChange(listener));
  cells.run('cell 2', () => n.onChange(listener));
  cells.run('cell 3', () => {
    change(show(n), { value: 2 });
  });
  assert.deepEqual(heard, [
    [2, 'cell 1'],
    [2, 'cell 2'],
  ]);
});

test('a button is clicked by the reader', { timeout: 60_000 }, async () => {
  const { show, click, reports } = frontEnd();
  const stop = button({ description: 'Stop' });
  const id = show(stop);
  let clicks = 0;
  const end = stop.onClick(() => clicks++);
  const first = stop.clicked().then(() => clicks);
  click(id);
  assert.equal(await first, 1);
  end();
  stop.onClick(() => Promise.reject(new Error('of a listener')));
  const second = stop.clicked();
  click(id);
  await second;
  assert.equal(clicks, 1);
  await wait(1);
  assert.match(String(reports[0]), /of a listener/);
  const last = stop.clicked();
  stop.close();
  await assert.rejects(last, /button "Stop" was closed/);
});

test('a closed widget is gone with its parts, and can be shown again', () => {
  const { show, news } = frontEnd();
  const n = slider({ min: 0, max: 1 });
  show(n);
  const opened = news().map(({ id }) => id);
  n.close();
  const closed = news();
  assert.ok(closed.every(({ type }) => type === 'comm_close'));
  assert.deepEqual(closed.map(({ id }) => id).sort(), opened.sort());
  n.value = 1;
  assert.deepEqual(news(), []);
  show(n);
  assert.equal((news().at(-1)?.data as { state: Fields } | undefined)?.state['value'], 1);
});

test('a page that is opened again gets the models that are open, with what the reader changed', () => {
  const { show, change, say, news } = frontEnd();
  const gone = checkbox();
  show(gone);
  gone.close();
  const n = slider({ min: 0, max: 10 });
  show(hbox(n));
  const models = news().filter(({ type, data }) => type === 'comm_open' && data['state'] !== undefined);
  const stateOf = (id: string) => models.find((model) => model.id === id)!.data['state'] as Fields;
  const sliderId = models.find(({ id }) => stateOf(id)['_model_name'] === 'IntSliderModel')!.id;
  change(sliderId, { value: 7 });
  news();
  say('comm_open', 'control', {}, { target_name: 'jupyter.widget.control' });
  say('comm_msg', 'control', { method: 'request_states' });
  const [answer, ...others] = news();
  assert.deepEqual(others, []);
  const {
    method,
    states,
    buffer_paths: paths,
  } = answer!.data as {
    method: string;
    states: Record<string, Fields>;
    buffer_paths: unknown;
  };
  assert.deepEqual([answer!.id, method, paths], ['control', 'update_states', []]);
  const mine = models.filter(({ id }) => stateOf(id)['_model_name'] !== 'CheckboxModel').map(({ id }) => id);
  for (const id of mine.filter((id) => id in states)) {
    const { _model_name, _model_module, _model_module_version } = stateOf(id);
    assert.deepEqual(states[id], {
      model_name: _model_name,
      model_module: _model_module,
      model_module_version: _model_module_version,
      state: { ...stateOf(id), ...(id === sliderId ? { value: 7 } : {}) },
    });
  }
  // The box, the slider, their layouts and a style; nothing of the checkbox.
  const names = models.filter(({ id }) => id in states).map(({ id }) => stateOf(id)['_model_name']);
  assert.deepEqual(names.sort(), [
    'HBoxModel',
    'IntSliderModel',
    'LayoutModel',
    'LayoutModel',
    'SliderStyleModel',
  ]);

  say('comm_msg', sliderId, { method: 'request_state' });
  const [again] = news();
  assert.deepEqual(again?.data, {
    method: 'update',
    state: { ...stateOf(sliderId), value: 7 },
    buffer_paths: [],
  });
});

test('boxes hold new children, which are opened first', () => {
  const { show, news } = frontEnd();
  const box = vbox();
  const id = show(box);
  news();
  box.children = [label('late')];
  const sent = news();
  const labelId = sent.at(-2)!.id;
  assert.equal(sent.at(-2)!.type, 'comm_open');
  assert.deepEqual(
    [sent.at(-1)!.id, sent.at(-1)!.data],
    [id, { method: 'update', state: { children: [`IPY_MODEL_${labelId}`] }, buffer_paths: [] }],
  );
});

test('an output holds what its work prints and shows, and sends it now and then', async () => {
  const { show, news } = frontEnd();
  const log = output();
  const id = show(log);
  news();
  // The test's kernel hands the collector over as `publish`.
  const collect: { publish?: (type: string, content: Fields) => void } = {};
  const kernel = (globalThis as Record<symbol, unknown>)[KERNEL] as {
    capture: NotebookKernel['capture'];
  };
  kernel.capture = (publish, work) => {
    collect.publish = publish;
    return work();
  };
  assert.equal(
    log.run(() => 42),
    42,
  );
  const publish = collect.publish!;
  publish('stream', { name: 'stdout', text: 'a\n' });
  publish('stream', { name: 'stdout', text: 'b\n' });
  publish('stream', { name: 'stderr', text: 'c' });
  publish('display_data', {
    data: { 'text/plain': 'old' },
    metadata: {},
    transient: { display_id: 'x' },
  });
  publish('update_display_data', {
    data: { 'text/plain': 'new' },
    metadata: {},
    transient: { display_id: 'x' },
  });
  publish('update_display_data', { data: {}, metadata: {}, transient: { display_id: 'elsewhere' } });
  publish('status', { execution_state: 'busy' });
  await wait(150);
  const sent = news();
  assert.ok(sent.length <= 2, `${sent.length} messages for five outputs`);
  assert.deepEqual(sent.at(-1)?.data, {
    method: 'update',
    state: {
      outputs: [
        { output_type: 'stream', name: 'stdout', text: 'a\nb\n' },
        { output_type: 'stream', name: 'stderr', text: 'c' },
        { output_type: 'display_data', data: { 'text/plain': 'new' }, metadata: {} },
      ],
    },
    buffer_paths: [],
  });
  assert.equal(sent.at(-1)?.id, id);
  assert.equal(String(log), 'a\nb\nc\nnew');
  log.clear(true);
  assert.notEqual(String(log), '');
  publish('stream', { name: 'stdout', text: 'x'.repeat(60_000) });
  assert.equal(String(log).length, 50_000);
  publish('clear_output', { wait: false });
  assert.equal(String(log), '');
  log.close();
});

test('interact draws at once and again after changes, the newest only while it draws', async () => {
  const { show, change } = frontEnd();
  const rate = slider({ min: 0, max: 10 });
  const drawn: number[] = [];
  const view = interact({ rate }, async (values) => {
    drawn.push(values.rate);
    await wait(10);
    if (values.rate === 5) throw new Error('five');
    return `rate is ${values.rate}`;
  });
  show(view);
  assert.deepEqual(drawn, [0], 'it does not wait to be shown');
  const id = show(rate);
  for (const value of [1, 2, 3]) change(id, { value });
  await view.drawn();
  assert.deepEqual(drawn, [0, 3]);
  change(id, { value: 5 });
  await view.drawn();
  assert.match(String(view), /slider: 5 \(0 to 10\)\nError: five/);
  view.close();
  change(id, { value: 6 });
  await view.drawn();
  assert.deepEqual(drawn, [0, 3, 5]);
});

test('a drawing that moves another control is not drawn into: the next one waits for it', async () => {
  frontEnd();
  const [rate, tenfold] = [slider({ min: 0, max: 10 }), slider({ min: 0, max: 100 })];
  const seen: string[] = [];
  const view = interact({ rate, tenfold }, async (values) => {
    seen.push(`begins ${values.rate} ${values.tenfold}`);
    tenfold.value = 10 * values.rate + 5;
    await wait(1);
    seen.push(`ends ${values.rate} ${values.tenfold}`);
  });
  await view.drawn();
  rate.value = 3;
  await view.drawn();
  assert.deepEqual(
    seen,
    ['0 0', '0 5', '3 5', '3 35'].flatMap((values) => [`begins ${values}`, `ends ${values}`]),
  );
  view.close();
});

test('where nobody reads, the newest values are drawn after a failure of older ones, and their failure is heard', async () => {
  const rate = slider({ min: 0, max: 10 });
  const drawn: number[] = [];
  const view = interact({ rate }, async (values) => {
    drawn.push(values.rate);
    await wait(1);
    if (values.rate % 2 === 0) throw new Error(`${values.rate} is even`);
  });
  rate.value = 1;
  await view.drawn();
  rate.value = 2;
  await assert.rejects(view.drawn(), /2 is even/);
  rate.value = 3;
  await view.drawn();
  assert.deepEqual(drawn, [0, 1, 2, 3]);
});

test('interact shows synchronous results in its output', async () => {
  const { show, change, shown } = frontEnd();
  const rate = slider({ min: 0, max: 10 });
  const view = interact({ rate, on: checkbox() }, ({ rate, on }) => (rate > 5 ? undefined : `${rate} ${on}`));
  await view.drawn();
  assert.match(String(view), /\n0 false$/);
  change(show(rate), { value: 2 });
  await view.drawn();
  assert.match(String(view), /\n2 false$/);
  change(show(rate), { value: 6 });
  await view.drawn();
  assert.match(String(view), /checkbox: false$/, 'nothing is shown of nothing');
  assert.deepEqual(shown, []);
  view.close();
});

test('what interact printed stays until the next print comes, which the kernel sends a turn later', async () => {
  const { show, change, news } = frontEnd();
  const kernel = (globalThis as Record<symbol, unknown>)[KERNEL] as { capture: NotebookKernel['capture'] };
  kernel.capture = (publish, work) => {
    setImmediate(() => {
      publish('stream', { name: 'stdout', text: `rate is ${rate.value}` });
    });
    return work();
  };
  const rate = slider({ min: 0, max: 10 });
  const view = interact({ rate }, () => undefined);
  show(view);
  await view.drawn();
  await wait(250); // until changes are sent at once again
  news();
  change(show(rate), { value: 2 });
  await view.drawn();
  await wait(120);
  const outputs = news().flatMap(({ data }) => {
    const { outputs } = data['state'] as { outputs?: { text: string }[] };
    return outputs ? [outputs.map(({ text }) => text)] : [];
  });
  assert.deepEqual(outputs, [['rate is 2']]);
  view.close();
});

test('without a reader, notebooks show what interact draws under the cell, and loops and waits end', async () => {
  const { show, shown, messages } = frontEnd({ interactive: false });
  const rate = slider({ min: 0, max: 10 });
  const view = interact({ rate }, ({ rate: value }) => `rate is ${value}`);
  await view.drawn();
  assert.deepEqual(shown, ['rate is 0']);
  show(view);
  assert.ok(messages.length > 0, 'its state is still sent, so that it can be saved');
  const seen: number[] = [];
  for await (const value of rate) seen.push(value);
  assert.deepEqual(seen, [0]);
});

test('outside a notebook widgets are plain values', { timeout: 60_000 }, async () => {
  const rate = slider({ min: 1e-4, max: 1, value: 0.01, log: true, description: 'rate' });
  assert.equal(rate.value, 0.01);
  const heard: number[] = [];
  rate.onChange((value) => heard.push(value));
  rate.value = 0.1;
  assert.deepEqual(heard, [0.1]);
  for await (const value of rate) heard.push(value);
  assert.deepEqual(heard, [0.1, 0.1]);
  assert.deepEqual(display(rate), { 'text/plain': 'slider "rate": 0.1 (0.0001 to 1)' });
  assert.equal(util.inspect(rate), 'slider "rate": 0.1 (0.0001 to 1)');

  const go = button({ description: 'Go' });
  await go.clicked();
  await assert.rejects(go.clicked(), /button "Go": nobody can click here/);

  assert.equal(
    output().run(() => 7),
    7,
  );
  const lines: unknown[] = [];
  const log = console.log;
  console.log = (line) => lines.push(line);
  try {
    await interact({ rate }, ({ rate: value }) => ({ value })).drawn();
  } finally {
    console.log = log;
  }
  assert.deepEqual(lines, ['{ value: 0.1 }']);
  assert.equal(
    String(vbox(hbox(label('a'), go), html('<b>x</b> &amp; y'), meter({ max: 3 }))),
    'a  button "Go"\nx &amp; y\nmeter: 0 of 3',
  );
});

test('numbers that a slider does not give have sensible ones', () => {
  const state = (widget: Widget): Fields => {
    const { messages, show } = frontEnd();
    show(widget);
    return (messages.at(-1)!.data as { state: Fields }).state;
  };
  const kind = (widget: Widget) => {
    const { _model_name: name, step, readout_format: format } = state(widget);
    return [name, step, format];
  };
  assert.deepEqual(kind(slider({ min: 0, max: 100 })), ['IntSliderModel', 1, 'd']);
  assert.deepEqual(kind(slider({ min: 0, max: 2.5 })), ['FloatSliderModel', 0.025, '.2f']);
  assert.deepEqual(kind(slider({ min: 0, max: 1, step: 0.1 })), ['FloatSliderModel', 0.1, '.2f']);
  assert.deepEqual(kind(slider({ min: 0, max: 1, step: 0.001 })), ['FloatSliderModel', 0.001, '.3f']);
  assert.deepEqual(kind(slider({ min: 1, max: 10, log: true })), ['FloatLogSliderModel', 0.1, '.3g']);
});
