import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';

/** A cell's text, and where its positions lie in what the user wrote (magics are expanded in between). */
export interface CellText {
  /** `In[3]` */
  readonly cell: string;
  /** What the user wrote. */
  readonly code: string;
  /** The line that stands before the cell in the compiler's source. */
  readonly linesBefore: number;
  /** From zero-based line and column of the expanded cell to those of the cell; identity where it is left out. */
  toOriginal?(line: number, column: number): readonly [line: number, column: number];
}

/**
 * Puts a head before JavaScript and a foot after it, and the source map that leads from it to the cell at its end.
 * The head must not hold line breaks.
 */
export function withSourceMap(
  {
    js,
    map,
    head,
    foot,
  }: { readonly js: string; readonly map: string; readonly head: string; readonly foot: string },
  text: CellText,
): string {
  const { mappings } = JSON.parse(map) as { mappings: string };
  const lines = text.code.split('\n').length;
  const decoded = decode(mappings).map((segments, row) =>
    segments.flatMap((segment): SourceMapSegment[] => {
      const [column, , sourceLine = -1, sourceColumn = 0] = segment;
      const generated = row === 0 ? column + head.length : column;
      if (segment.length === 1) return [[generated]];
      let at: readonly [number, number] = [sourceLine - text.linesBefore, sourceColumn];
      if (at[0] < 0 || at[0] >= lines) return [];
      at = text.toOriginal?.(...at) ?? at;
      return [[generated, 0, ...at]];
    }),
  );
  const json = JSON.stringify({
    version: 3,
    sources: [text.cell],
    sourcesContent: [text.code],
    names: [],
    mappings: encode(decoded),
  });
  const url = `data:application/json;base64,${Buffer.from(json).toString('base64')}`;
  const body = js.replace(/(?:^|\n)\/\/# sourceMappingURL=[^\n]*\s*$/, '\n');
  return `${head}${body}${foot}\n//# sourceMappingURL=${url}`;
}
