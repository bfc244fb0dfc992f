import { hasReader, notebookKernel } from '../kernel.ts';
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
  private readonly waiting = new Set<Wait>();
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
    for (const { clicked } of this.take()) clicked();
    await this.clicks.call();
  }

  /**
   * Waits for the next click. Where nobody can click (in scripts, and in notebooks that are executed without a
   * reader) the first wait ends at once, so that a program goes on, and any further one fails, so that a loop
   * ends. Also fails when the button is closed or the cell is interrupted.
   */
  clicked(): Promise<void> {
    if (!hasReader()) {
      if (this.waitedInVain) return Promise.reject(new Error(`${this.toString()}: nobody can click here`));
      this.waitedInVain = true;
      return Promise.resolve();
    }
    const signal = notebookKernel()?.signal;
    return new Promise((resolve, reject) => {
      const interrupt = (): void => {
        this.waiting.delete(wait);
        reject(signal?.reason as Error);
      };
      const wait: Wait = {
        clicked: () => {
          signal?.removeEventListener('abort', interrupt);
          resolve();
        },
        closed: () => {
          signal?.removeEventListener('abort', interrupt);
          reject(new Error(`${this.toString()} was closed`));
        },
      };
      signal?.addEventListener('abort', interrupt);
      this.waiting.add(wait);
    });
  }

  override close(): void {
    super.close();
    for (const { closed } of this.take()) closed();
  }

  override toString(): string {
    return `button "${this.description}"`;
  }

  private take(): Wait[] {
    const taken = [...this.waiting];
    this.waiting.clear();
    return taken;
  }
}

/** Somebody who waits for a click. */
interface Wait {
  readonly clicked: () => void;
  readonly closed: () => void;
}

export function button(options: ButtonOptions): Button {
  return new Button(options);
}
