/** The simpler controls; sliders and buttons have files of their own. */
import { Control, describedState, type Coding, type ControlOptions } from './control.ts';
import { Widget, type WidgetOptions } from './widget.ts';

const controls = (name: string) => ({ module: '@jupyter-widgets/controls', name }) as const;

const ofType = <T>(type: 'boolean' | 'string' | 'number'): Coding<T> => ({
  property: 'value',
  encode: (value) => value,
  decode: (wire) => (typeof wire === type ? (wire as T) : undefined),
});

export interface CheckboxOptions extends ControlOptions {
  /** Default false. */
  readonly value?: boolean;
}

/** Yes or no. */
export class Checkbox extends Control<boolean> {
  constructor(options: CheckboxOptions = {}) {
    const state = { ...describedState({ disabled: false, ...options }, 'CheckboxStyle'), indent: true };
    super(controls('Checkbox'), state, options.value ?? false, ofType('boolean'), options);
  }

  override toString(): string {
    return `${this.titled('checkbox')}: ${this.value}`;
  }

  protected override check(): void {
    // Both values are possible.
  }
}

export function checkbox(options?: CheckboxOptions): Checkbox {
  return new Checkbox(options);
}

export interface DropdownOptions<T> extends ControlOptions {
  /** The values, or an object of values by the words that stand for them. */
  readonly options: readonly T[] | Readonly<Record<string, T>>;
  /** Default: the first option. */
  readonly value?: NoInfer<T>;
}

/** One of several values. */
export class Dropdown<T> extends Control<T> {
  private readonly values: readonly T[];

  constructor(options: DropdownOptions<T>) {
    const given = options.options;
    const values: readonly T[] = Array.isArray(given) ? (given as readonly T[]) : Object.values(given);
    const labels = Array.isArray(given) ? values.map(String) : Object.keys(given);
    if (values.length === 0) throw new RangeError('dropdown: there are no options');
    const value = 'value' in options ? (options.value as T) : (values[0] as T);
    const state = {
      ...describedState({ disabled: false, ...options }, 'DescriptionStyle'),
      _options_labels: labels,
    };
    const coding: Coding<T> = {
      property: 'index',
      encode: (chosen) => values.indexOf(chosen),
      decode: (wire) => (typeof wire === 'number' ? values[wire] : undefined),
    };
    super(controls('Dropdown'), state, value, coding, options);
    this.values = values;
    this.check(value);
  }

  override toString(): string {
    return `${this.titled('dropdown')}: ${String(this.value)} (of ${this.values.map(String).join(', ')})`;
  }

  protected override check(value: T): void {
    if (!this.values.includes(value)) {
      const options = this.values.map(String).join(', ');
      throw new RangeError(`${this.titled('dropdown')}: ${String(value)} is none of its options, ${options}`);
    }
  }
}

/** @example const loss = dropdown({ options: ['ce', 'msl'], description: 'loss' }); */
export function dropdown<const T>(options: DropdownOptions<T>): Dropdown<T> {
  return new Dropdown(options);
}

export interface TextOptions extends ControlOptions {
  readonly value?: string;
  /** Shown where nothing is written yet. */
  readonly placeholder?: string;
  /** Whether it changes with every key, or when the reader is done; default false. */
  readonly continuous?: boolean;
}

/** A line of text. */
export class Text extends Control<string> {
  constructor(options: TextOptions = {}) {
    const state = {
      ...describedState({ disabled: false, ...options }, 'TextStyle'),
      placeholder: options.placeholder ?? '\u200b',
      continuous_update: options.continuous ?? false,
    };
    super(controls('Text'), state, options.value ?? '', ofType('string'), options);
  }

  override toString(): string {
    return `${this.titled('text')}: ${JSON.stringify(this.value)}`;
  }

  protected override check(): void {
    // Any text is possible.
  }
}

export function text(options?: TextOptions): Text {
  return new Text(options);
}

/** Something that code writes and the reader reads. */
abstract class Written<T extends string | number> extends Widget {
  get value(): T {
    return this.model.get('value') as T;
  }

  set value(value: T) {
    this.model.set({ value });
  }
}

const writtenState = (value: string, style: string) => ({
  ...describedState({}, style),
  placeholder: '\u200b',
  value,
});

/** A piece of HTML. Whoever writes text into it that comes from elsewhere has to escape it. */
export class Html extends Written<string> {
  constructor(value: string, options: WidgetOptions = {}) {
    super(controls('HTML'), writtenState(value, 'HTMLStyle'), options);
  }

  override toString(): string {
    return this.value
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
  }
}

export function html(value: string, options?: WidgetOptions): Html {
  return new Html(value, options);
}

/** A line of text that the reader cannot change. */
export class Label extends Written<string> {
  constructor(value: string, options: WidgetOptions = {}) {
    super(controls('Label'), writtenState(value, 'LabelStyle'), options);
  }

  override toString(): string {
    return this.value;
  }
}

export function label(value: string, options?: WidgetOptions): Label {
  return new Label(value, options);
}

export interface MeterOptions extends WidgetOptions {
  /** Default 0. */
  readonly min?: number;
  readonly max: number;
  /** Default `min`. */
  readonly value?: number;
  readonly description?: string;
}

/** A bar that code fills, to stand among other widgets; for loops, `progress()` does more. */
export class Meter extends Written<number> {
  constructor(options: MeterOptions) {
    const { min = 0, max, value = min } = options;
    const state = {
      ...describedState(options, 'ProgressStyle'),
      bar_style: '',
      max,
      min,
      orientation: 'horizontal',
      value,
    };
    super({ ...controls('IntProgress'), view: { name: 'ProgressView' } }, state, options);
  }

  override toString(): string {
    const { model } = this;
    const description = String(model.get('description'));
    return `${description === '' ? 'meter' : description}: ${this.value} of ${String(model.get('max'))}`;
  }
}

export function meter(options: MeterOptions): Meter {
  return new Meter(options);
}
