import type { MimeBundle } from '../kernel.ts';
import { Model, type Kind, type State } from './model.ts';

const DISPLAY: unique symbol = Symbol.for('Jupyter.display');
const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');

type LayoutProperty =
  | 'alignContent'
  | 'alignItems'
  | 'alignSelf'
  | 'borderBottom'
  | 'borderLeft'
  | 'borderRight'
  | 'borderTop'
  | 'display'
  | 'flex'
  | 'flexFlow'
  | 'gridArea'
  | 'gridAutoFlow'
  | 'gridGap'
  | 'gridTemplateAreas'
  | 'gridTemplateColumns'
  | 'gridTemplateRows'
  | 'height'
  | 'justifyContent'
  | 'justifyItems'
  | 'margin'
  | 'maxHeight'
  | 'maxWidth'
  | 'minHeight'
  | 'minWidth'
  | 'order'
  | 'overflow'
  | 'padding'
  | 'visibility'
  | 'width';

/** Size and place of a widget, as in CSS: `{ width: '50%' }`. */
export type Layout = Readonly<Partial<Record<LayoutProperty, string>>>;

export interface WidgetOptions {
  readonly layout?: Layout;
  /** Shown when the pointer rests on the widget. */
  readonly tooltip?: string;
}

/** The layout as the front end calls its properties. */
function layoutState(layout: Layout): State {
  const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(layout).map(([name, value]) => [snake(name), value]));
}

/**
 * Something that a notebook shows where a cell's last expression has it as its value, or `show()` is given it.
 * Every time it is shown, the same widget is seen. Outside notebooks it is a plain object.
 */
export abstract class Widget {
  /** The state shared with the front ends. */
  protected readonly model: Model;
  private placed: Layout;

  constructor(kind: Kind, state: State, options: WidgetOptions = {}) {
    const { layout = {}, tooltip } = options;
    this.placed = layout;
    this.model = new Model(kind, {
      _dom_classes: [],
      layout: new Model({ module: '@jupyter-widgets/base', name: 'Layout' }, layoutState(layout)),
      ...(tooltip === undefined ? {} : { tooltip }),
      ...state,
    });
  }

  get layout(): Layout {
    return this.placed;
  }

  /** Changes the properties that are given. */
  set layout(layout: Layout) {
    this.placed = { ...this.placed, ...layout };
    (this.model.get('layout') as Model).set(layoutState(layout));
  }

  /** The widget in words. */
  abstract toString(): string;

  /** Removes the widget from the notebook; its loops and waits end. */
  close(): void {
    this.model.close();
    for (const part of ['layout', 'style']) (this.model.get(part) as Model | undefined)?.close();
  }

  /** What the kernel shows. */
  [DISPLAY](): MimeBundle {
    const text = { 'text/plain': this.toString() };
    if (!this.model.open()) return text;
    const view = { version_major: 2, version_minor: 0, model_id: this.model.id };
    return { ...text, 'application/vnd.jupyter.widget-view+json': view };
  }

  /** What console.log() prints. */
  [INSPECT](): string {
    return this.toString();
  }

  /** The model of a widget, for widgets that hold others. */
  protected static modelOf(widget: Widget): Model {
    return widget.model;
  }
}
