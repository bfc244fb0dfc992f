import { hasReader, notebookKernel } from '../kernel.ts';
import { Listeners } from './listeners.ts';
import { Model, type Kind, type State } from './model.ts';
import { newest } from './newest.ts';
import { Widget, type WidgetOptions } from './widget.ts';

export interface ControlOptions extends WidgetOptions {
  /** Stands beside the control. */
  readonly description?: string;
  /** Whether it can be seen but not be moved. */
  readonly disabled?: boolean;
}

/** The properties of everything that has a description, which gets the room that it needs. */
export function describedState({ description = '', disabled }: ControlOptions, style: string): State {
  return {
    description,
    description_allow_html: false,
    ...(disabled === undefined ? {} : { disabled }),
    style: new Model(
      { module: '@jupyter-widgets/controls', name: style, view: STYLE_VIEW },
      { description_width: 'initial' },
    ),
  };
}

export const STYLE_VIEW = { module: '@jupyter-widgets/base', name: 'StyleView' } as const;

/** How the value of a control stands in the state that the front ends share. */
export interface Coding<T> {
  /** The property's name. */
  readonly property: string;
  encode(value: T): unknown;
  /** Undefined for what is no value of this control. */
  decode(wire: unknown): T | undefined;
}

/**
 * A widget with a value, which the reader and the code can change.
 *
 * @example
 * const rate = slider({ min: 1e-5, max: 1e-1, value: 1e-3, log: true });
 * rate.onChange((value) => console.log(value));
 * for await (const value of rate) redraw(value);
 */
export abstract class Control<T> extends Widget implements AsyncIterable<T> {
  private readonly coding: Coding<T>;
  private current: T;
  private readonly changes = new Listeners<[value: T, previous: T]>();
  private readonly closings = new Set<() => void>();

  protected constructor(kind: Kind, state: State, value: T, coding: Coding<T>, options: WidgetOptions) {
    super(kind, { ...state, [coding.property]: coding.encode(value) }, options);
    this.coding = coding;
    this.current = value;
    this.model.onUpdate((changes) => this.changedByReader(changes));
  }

  get value(): T {
    return this.current;
  }

  /** @throws {RangeError} for a value that the control cannot have */
  set value(value: T) {
    this.check(value);
    this.model.set({ [this.coding.property]: this.coding.encode(value) });
    void this.change(value);
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

  /** Listens to changes, by the reader and by code; returns what ends that. */
  onChange(listener: (value: T, previous: T) => unknown): () => void {
    return this.changes.add(listener);
  }

  /**
   * The value, and then every change; only the newest where the loop is slower than the reader. Where nobody can
   * change it (in scripts, and in notebooks that are executed without a reader) the loop ends after the first. It fails
   * when its cell is interrupted.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    const live = hasReader();
    const signal = notebookKernel()?.signal;
    yield* newest<T>(({ next, end, fail }) => {
      next(this.current);
      if (!live) {
        end();
        return () => undefined;
      }
      const interrupt = () => {
        fail(signal?.reason);
      };
      const unsubscribe = this.onChange(next);
      this.closings.add(end);
      signal?.addEventListener('abort', interrupt);
      return () => {
        unsubscribe();
        this.closings.delete(end);
        signal?.removeEventListener('abort', interrupt);
      };
    });
  }

  override close(): void {
    super.close();
    for (const end of [...this.closings]) end();
  }

  /** @throws {RangeError} for a value that the control cannot have */
  protected abstract check(value: T): void;

  /** `kind "description"`, for descriptions that are not empty. */
  protected titled(kind: string): string {
    return this.description === '' ? kind : `${kind} "${this.description}"`;
  }

  private async changedByReader(changes: State): Promise<void> {
    const { property } = this.coding;
    if (!(property in changes)) return;
    const value = this.coding.decode(changes[property]);
    if (value === undefined) this.model.set({ [property]: this.coding.encode(this.current) });
    else await this.change(value);
  }

  private async change(value: T): Promise<void> {
    const previous = this.current;
    if (Object.is(value, previous)) return;
    this.current = value;
    await this.changes.call(value, previous);
  }
}
