import { Widget } from './widget.ts';

/** Widgets side by side, or one below the other. */
export class Box extends Widget {
  private held: readonly Widget[];
  private readonly separator: string;

  constructor(name: 'HBox' | 'VBox', children: readonly Widget[]) {
    const models = children.map((child) => Widget.modelOf(child));
    super({ module: '@jupyter-widgets/controls', name }, { box_style: '', children: models });
    this.held = children;
    this.separator = name === 'HBox' ? '  ' : '\n';
  }

  get children(): readonly Widget[] {
    return this.held;
  }

  set children(children: readonly Widget[]) {
    this.held = children;
    this.model.set({ children: children.map((child) => Widget.modelOf(child)) });
  }

  override toString(): string {
    return this.held
      .map(String)
      .filter((text) => text !== '')
      .join(this.separator);
  }
}

/** Widgets side by side. Closing the box leaves them open. */
export function hbox(...children: readonly Widget[]): Box {
  return new Box('HBox', children);
}

/** Widgets one below the other. Closing the box leaves them open. */
export function vbox(...children: readonly Widget[]): Box {
  return new Box('VBox', children);
}
