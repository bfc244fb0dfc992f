/** What the losses have in common that are attached to a layer of a network. */

import type { tf } from '../engine/tf.ts';
import type { Stream } from '../engine/index.ts';
import type { NamedTensors } from '../models/index.ts';
import type { ClassPairs } from './pairs.ts';
import type { LossValue } from './types.ts';

/** What a layer loss looks at, once a step. */
export interface LayerLossInput {
  /** `[batch, dim] float32`: the layer's maps, pooled. */
  readonly features: tf.Tensor2D;
  /** `[batch] int32`, each in `0..classes-1` */
  readonly labels: tf.Tensor1D;
  /** The pairs of the batch's labels. */
  readonly pairs: ClassPairs;
  /** Of the data set. */
  readonly classes: number;
  /** What the loss keeps from step to step, by the names of {@link LossState.init}; empty where it keeps nothing. */
  readonly state: NamedTensors;
}

/** A loss of a layer's features: a pure function, and what is to be said of it. */
export interface LayerLoss<Options extends object = object> {
  /** As a specification names it, e.g. `supervisedContrastive`. */
  readonly name: string;
  /** What it is, in a sentence. */
  readonly about: string;
  /** As text of fixed width. */
  readonly formula: string;
  /** Title and year of where it comes from. */
  readonly source: string;
  /** Names of the parts that {@link evaluate} returns. */
  readonly parts: readonly string[];
  readonly options: OptionDescriptions<Options>;
  /** What is wrong with options that are each in their range. Default: nothing. */
  problem?(options: Required<Options>): { readonly option: string; readonly message: string } | undefined;
  /** Absent where it keeps nothing from step to step. */
  readonly state?: LossState<Options>;
  evaluate(input: LayerLossInput, options: Options): LossValue;
}

/** Tensors that a loss keeps from step to step: centers of the classes, the weights of a classifier. */
export interface LossState<Options extends object = object> {
  /** Their first values: a pure function of the stream. */
  init(stream: Stream, shape: LossShape, options: Options): NamedTensors;
  /** Those that the optimizer trains as it does the network's parameters, and whether weight decay applies. */
  readonly trained?: Readonly<Record<string, { readonly decay: boolean }>>;
  /** The others after a step, by the loss's own rule. No gradient passes through it. */
  update?(input: LayerLossInput, options: Options): NamedTensors;
}

/** Sizes that a loss's state depends on. */
export interface LossShape {
  readonly classes: number;
  /** Features of a sample. */
  readonly dim: number;
}

/** An option of a loss: a number in a range, a switch, or one of several words. */
export type OptionDescription = NumberOption | SwitchOption | ChoiceOption;

interface Described {
  /** What it does, and where its default comes from. */
  readonly about: string;
}

export interface NumberOption extends Described {
  readonly default: number;
  /** The least value that is allowed; default: any. */
  readonly least?: number;
  /** What the value has to lie above; default: nothing. */
  readonly above?: number;
  /** The largest value that is allowed; default: any. */
  readonly most?: number;
}

export interface SwitchOption extends Described {
  readonly default: boolean;
}

export interface ChoiceOption<Word extends string = string> extends Described {
  readonly default: Word;
  readonly choices: readonly Word[];
}

/** A description of every option, of the kind that its type asks for. */
export type OptionDescriptions<Options extends object> = {
  readonly [Name in keyof Options]-?: DescriptionOf<NonNullable<Options[Name]>>;
};

type DescriptionOf<Value> = [Value] extends [number]
  ? NumberOption
  : [Value] extends [boolean]
    ? SwitchOption
    : ChoiceOption<Value & string>;

/** Every option by its name. */
export function optionsOf({
  options,
}: Pick<LayerLoss, 'options'>): [name: string, option: OptionDescription][] {
  return Object.entries(options as Readonly<Record<string, OptionDescription>>);
}

/** The options' defaults. */
export function defaultsOf<Options extends object>(loss: LayerLoss<Options>): Required<Options> {
  const options = optionsOf(loss).map(([name, option]) => [name, option.default]);
  return Object.fromEntries(options) as Required<Options>;
}
