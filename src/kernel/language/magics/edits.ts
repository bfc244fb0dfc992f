/** Replaces a stretch of a cell; lines keep their numbers. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A text with edits made, and where its positions were before. */
export interface Edited {
  readonly code: string;
  /** Where an offset of the edited text was; what an edit put there lies at the edit's start. */
  readonly toOriginal: (offset: number) => number;
  /** Where an offset of the text went. */
  readonly toExpanded: (offset: number) => number;
}

export function edited(code: string, edits: readonly Edit[]): Edited {
  const sorted = edits.toSorted((a, b) => a.start - b.start);
  let text = '';
  let at = 0;
  for (const edit of sorted) {
    text += code.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return {
    code: text + code.slice(at),
    toOriginal: (offset) => {
      let shift = 0;
      for (const edit of sorted) {
        const start = edit.start + shift;
        if (offset < start) break;
        if (offset < start + edit.text.length) return edit.start;
        shift += edit.text.length - (edit.end - edit.start);
      }
      return offset - shift;
    },
    toExpanded: (offset) => {
      let shift = 0;
      for (const edit of sorted) {
        // What is put in at a position goes behind what is typed there.
        if (offset <= edit.start) break;
        if (offset < edit.end) return edit.start + shift;
        shift += edit.text.length - (edit.end - edit.start);
      }
      return offset + shift;
    },
  };
}
