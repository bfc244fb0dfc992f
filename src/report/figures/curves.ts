import type { EpochRecord } from '../../experiments/records.ts';
import type { Setting, StudyRecords } from '../study/study.ts';
import { armCurves, type Measure } from './armCurves.ts';
import { epochAxis, logAxis } from './axes.ts';
import { panelFigure, type Panel, type PanelOptions } from './panels.ts';
import type { Figure } from './theme.ts';

/**
 * Accuracy and cross-entropy per epoch, on the training images and on validation where there is one: a thick line for
 * an arm's mean over its runs, a thin one for each run; from six runs on a band of a standard deviation instead of them.
 */
export function learningCurves(study: StudyRecords): Figure {
  const hasValidation = study.runs.some((run) => run.epochs.some((epoch) => epoch.validation !== undefined));
  const accuracyTrain: Measure = (epoch) => epoch.train.accuracy * 100;
  const accuracyValidation: Measure = (epoch) => epoch.validation && epoch.validation.accuracy * 100;
  const lossTrain: Measure = (epoch) => epoch.train.losses['crossEntropy'];
  const lossValidation: Measure = (epoch) => epoch.validation?.crossEntropy;
  const measures = hasValidation
    ? [accuracyTrain, accuracyValidation, lossTrain, lossValidation]
    : [accuracyTrain, lossTrain];
  const accuracy = (title: string): Panel => ({
    title,
    x: epochAxis(study),
    y: { title: 'accuracy (%)' },
  });
  const loss = (title: string): Panel => ({
    title,
    x: epochAxis(study),
    y: { title: 'cross-entropy (nats)', rangemode: 'tozero' },
  });
  return panelFigure(
    measures.flatMap((measure, panel) => armCurves(study, { measure, panel })),
    hasValidation
      ? [
          accuracy('Training accuracy'),
          accuracy('Validation accuracy'),
          loss('Training cross-entropy'),
          loss('Validation cross-entropy'),
        ]
      : [accuracy('Training accuracy'), loss('Training cross-entropy')],
    'Accuracy and cross-entropy by epoch, a line for each arm.',
    { columns: 2, height: 220 },
  );
}

/** The gradient norm at the logits per epoch, a mean over its training batches, on a logarithmic axis: where it falls towards 0, training saturates. */
export function gradientNormCurves(study: StudyRecords): Figure {
  return gradientNorms([{ label: 'Gradient norm at the logits, training batches', study }], {
    columns: 1,
    height: 300,
  });
}

/** {@link gradientNormCurves} of several studies with the same arms side by side, on one scale. */
export function gradientNormsBySetting(settings: readonly Setting[]): Figure {
  return gradientNorms(settings, { columns: 3, gap: 0.13, height: 240 });
}

function gradientNorms(
  settings: readonly Setting[],
  layout: Pick<PanelOptions, 'columns' | 'gap' | 'height'>,
): Figure {
  const norm = (epoch: EpochRecord): number => epoch.train.gradientNormLogits;
  const norms = settings.flatMap(({ study }) => study.runs.flatMap((run) => run.epochs.map(norm)));
  return panelFigure(
    settings.flatMap(({ study }, panel) => armCurves(study, { measure: norm, panel })),
    settings.map(({ label, study }) => ({
      title: label,
      x: epochAxis(study),
      y: { title: 'mean ‖softmax − one-hot‖', ...logAxis(norms) },
    })),
    'The gradient norm at the logits by epoch, a mean over its training batches, on a logarithmic axis, a line for each arm.',
    layout,
  );
}
