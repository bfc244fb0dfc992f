import { captionedPictures } from './pictures.ts';
import { plotlyText, type Figure } from './theme.ts';

/** An image that a network got wrong. */
export interface Mistake {
  /** The image as a `data:` address, e.g. a PNG. */
  readonly image: string;
  readonly label: string;
  readonly predicted: string;
  /** What the network gave the predicted class, 0 to 1. */
  readonly probability: number;
}

/** The mistakes a network was surest of: each image with its class, what it was taken for, and how sure the network was. */
export function worstMistakes(mistakes: readonly Mistake[]): Figure {
  const list = mistakes
    .map(({ label, predicted, probability }) => `${label} taken for ${predicted} (${percent(probability)})`)
    .join('; ');
  return captionedPictures(
    mistakes.map(({ image, label, predicted, probability }) => ({
      image,
      caption: `${plotlyText(label)} →<br><b>${plotlyText(predicted)}</b><br>${percent(probability)}`,
    })),
    `Worst mistakes: ${list}.`,
  );
}

/** An image and what a network takes it for. */
export interface PredictedPicture {
  /** The image as a `data:` address. */
  readonly image: string;
  /** The most probable classes, the first the most; probabilities 0 to 1. */
  readonly classes: readonly { readonly name: string; readonly probability: number }[];
}

/** Images, each with the classes that a network takes it for and how sure it is. */
export function predictedPictures(pictures: readonly PredictedPicture[]): Figure {
  const list = pictures.map(({ classes: [first] }) => `${first!.name} (${percent(first!.probability)})`);
  return captionedPictures(
    pictures.map(({ image, classes }) => ({
      image,
      caption: classes
        .map(({ name, probability }, i) => {
          const text = plotlyText(name);
          return `${i === 0 ? `<b>${text}</b>` : text} ${percent(probability)}`;
        })
        .join('<br>'),
    })),
    `Pictures and what a network takes them for: ${list.join('; ')}.`,
  );
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
