import { randomUUID } from 'node:crypto';

import { notebookKernel, type Comm, type CommMessage, type NotebookComms } from '../kernel.ts';
import { Listeners } from './listeners.ts';

/**
 * The widget messaging protocol between a kernel and the front end's models
 * (https://github.com/jupyter-widgets/ipywidgets/blob/main/packages/schema/messages.md).
 */
const PROTOCOL = '2.1.0';
const TARGET = 'jupyter.widget';
const CONTROL_TARGET = 'jupyter.widget.control';

/** What a model and its front end share. Models may occur as values, and in lists. */
export type State = Readonly<Record<string, unknown>>;

/** Which class of the front end's modules a model is, and which class draws it. */
export interface Kind {
  readonly module: '@jupyter-widgets/base' | '@jupyter-widgets/controls' | '@jupyter-widgets/output';
  readonly name: string;
  /** Where it does not follow from `name`. */
  readonly view?: { readonly module?: Kind['module']; readonly name: string };
}

const VERSIONS = {
  '@jupyter-widgets/base': '2.0.0',
  '@jupyter-widgets/controls': '2.0.0',
  '@jupyter-widgets/output': '1.0.0',
} as const;

function identity({ module, name, view }: Kind): State {
  const viewModule = view?.module ?? module;
  return {
    _model_module: module,
    _model_module_version: VERSIONS[module],
    _model_name: `${name}Model`,
    _view_module: viewModule,
    _view_module_version: VERSIONS[viewModule],
    _view_name: view?.name ?? `${name}View`,
  };
}

/** The models that front ends know of: a page that is opened again asks for them. */
const opened = new Map<string, Model>();

/**
 * A piece of state that is kept the same here and in the front ends. It is a plain object until it is shown for
 * the first time, and stays one outside notebooks.
 */
export class Model {
  readonly id = randomUUID().replaceAll('-', '');
  private state: State;
  private comm: Comm | undefined;
  private readonly updates = new Listeners<[changes: State]>();
  private readonly events = new Listeners<[content: State]>();

  constructor(kind: Kind, state: State = {}) {
    this.state = { ...identity(kind), ...state };
  }

  get(name: string): unknown {
    return this.state[name];
  }

  /** Changes properties, in the front ends too. */
  set(changes: State): void {
    const news = Object.entries(changes).filter(([name, value]) => !Object.is(this.state[name], value));
    if (news.length === 0) return;
    this.state = { ...this.state, ...changes };
    this.send('update', Object.fromEntries(news));
  }

  /** Listens to changes that a front end made. */
  onUpdate(listener: (changes: State) => unknown): () => void {
    return this.updates.add(listener);
  }

  /** Listens to what a front end says beside changes, e.g. that a button was clicked. */
  onEvent(listener: (content: State) => unknown): () => void {
    return this.events.add(listener);
  }

  /** Makes the model known to the front ends, after those that it refers to. False where there are none. */
  open(): boolean {
    if (this.comm) return true;
    const comms = notebookKernel()?.comms;
    if (!comms) return false;
    answerReopenedPages(comms);
    const data = { state: this.wire(this.state), buffer_paths: [] };
    const comm = comms.open(TARGET, data, { id: this.id, metadata: { version: PROTOCOL } });
    comm.onMessage((message) => this.receive(message));
    comm.onClose(() => {
      this.forget();
    });
    this.comm = comm;
    opened.set(this.id, this);
    return true;
  }

  /** Removes the model from the front ends. */
  close(): void {
    const { comm } = this;
    this.forget();
    comm?.close();
  }

  /** The state as it is sent to a page that is opened again. */
  describe(): State {
    const { _model_name: model_name, _model_module: model_module, ...rest } = this.state;
    const { _model_module_version: model_module_version } = rest;
    return { model_name, model_module, model_module_version, state: this.wire(this.state) };
  }

  private forget(): void {
    this.comm = undefined;
    opened.delete(this.id);
  }

  private send(method: 'update' | 'echo_update', state: State): void {
    this.comm?.send({ method, state: this.wire(state), buffer_paths: [] });
  }

  /** Other models travel by their names, and have to be known before. */
  private wire(state: State): State {
    const convert = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(convert);
      if (!(value instanceof Model)) return value;
      value.open();
      return `IPY_MODEL_${value.id}`;
    };
    return Object.fromEntries(Object.entries(state).map(([name, value]) => [name, convert(value)]));
  }

  private async receive({ data }: CommMessage): Promise<void> {
    if (data['method'] === 'request_state') this.send('update', this.state);
    if (data['method'] === 'custom') await this.events.call(asState(data['content']));
    if (data['method'] !== 'update') return;
    const known = Object.entries(asState(data['state'])).filter(([name]) => name in this.state);
    const changes = Object.fromEntries(known);
    // The echo comes first: it tells all pages of the notebook, and a page that its change has arrived.
    this.send('echo_update', changes);
    this.state = { ...this.state, ...changes };
    await this.updates.call(changes);
  }
}

const asState = (value: unknown): State =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as State) : {};

let answering: NotebookComms | undefined;

/** A page that is opened again asks for all models at once. */
function answerReopenedPages(comms: NotebookComms): void {
  if (answering === comms) return;
  answering = comms;
  comms.register(CONTROL_TARGET, (comm) => {
    comm.onMessage(({ data }) => {
      if (data['method'] !== 'request_states') return;
      const states = Object.fromEntries([...opened].map(([id, model]) => [id, model.describe()]));
      comm.send({ method: 'update_states', states, buffer_paths: [] });
    });
  });
}
