import { hasReader } from '../kernel.ts';
import { STYLE_VIEW, type ControlOptions } from './control.ts';
import { Listeners } from './listeners.ts';
import { Model } from './model.ts';
import { Widget } from './widget.ts';

export interface ButtonOptions extends Omit<ControlOptions, 'description'> {
  readonly description: string;
  /** The colour that says what it does; default none. */
  readonly kind?: 'primary' | 'success' | 'info' | 'warning' | 'danger';
  /** The name of a picture of Font Awesome, e.g. `play`. */
  readonly icon?: string;
}

/**
 * A button.
 *
 * @example
 * const stop = button({ description: 'Stop' });
 * stop.onClick(() => controller.abort());
 */
export class Button extends Widget {
  private readonly clicks = new Listeners<[]>();
  private readonly waiting = new Set<PromiseWithEnds>();
  private waitedInVain = false;

  constructor({ description, disabled = false, kind, icon = '', ...options }: ButtonOptions) {
    const style = new Model({ module: '@jupyter-widgets/controls', name: 'ButtonStyle', view: STYLE_VIEW });
    super(
      { module: '@jupyter-widgets/controls', name: 'Button' },
      { description, disabled, button_style: kind ?? '', icon, style },
      options,
    );
    this.model.onEvent((content) => (content['event'] === 'click' ? this.click() : undefined));
  }

  get disabled(): boolean {
    return this.model.get('disabled') === true;
  }

  set disabled(disabled: boolean) {
    this.model.set({ disabled });
  }

  get description(): string {
    return String(this.model.get('description'));
  }

  set description(description: string) {
    this.model.set({ description });
  }

  /** Listens to clicks; returns what ends that. */
  onClick(listener: () => unknown): () => void {
    return this.clicks.add(listener);
  }

  /** Does what a click does; rejects where a listener fails. */
  async click(): Promise<void> {
    for (const { resolve } of this.take()) resolve();
    await this.clicks.call();
  }

  /**
   * Waits for the next click. Where nobody can click (in scripts, and in notebooks that are executed without a
   * reader) the first wait ends at once, so that a program goes on, and any further one fails, so that a loop
   * ends. Also fails when the button is closed.
   */
  clicked(): Promise<void> {
    if (!hasReader()) {
      if (this.waitedInVain) return Promise.reject(new Error(`${this.toString()}: nobody can click here`));
      this.waitedInVain = true;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => this.waiting.add({ resolve, reject }));
  }

  override close(): void {
    super.close();
    for (const { reject } of this.take()) reject(new Error(`${this.toString()} was closed`));
  }

  override toString(): string {
    return `button "${this.description}"`;
  }

  private take(): PromiseWithEnds[] {
    const taken = [...this.waiting];
    this.waiting.clear();
    return taken;
  }
}

interface PromiseWithEnds {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export function button(options: ButtonOptions): Button {
  return new Button(options);
}
