import { LONGEST_STREAM } from '../longestStream.ts';
import type { Header } from './messages.ts';

type Parent = Partial<Header> | undefined;

/** What was written to one stream of a cell. */
interface Piece {
  readonly parent: Parent;
  readonly name: string;
  readonly text: string;
}

/** Milliseconds in which pieces wait for others, so that a hundred lines are no hundred messages. */
const TOGETHER = 10;

/** Joins what cells write piece by piece; whoever sends anything else has it flushed before. */
export class JoinedStream {
  private waiting: Piece | undefined;
  private readonly send: (piece: Piece) => void;
  private readonly after: (milliseconds: number, run: () => void) => void;

  constructor(send: (piece: Piece) => void, after: (milliseconds: number, run: () => void) => void) {
    this.send = send;
    this.after = after;
  }

  add(piece: Piece): void {
    const { waiting } = this;
    const isMore = waiting?.parent?.msg_id === piece.parent?.msg_id && waiting?.name === piece.name;
    if (!isMore) this.flush();
    if (this.waiting === undefined) {
      this.waiting = piece;
      this.after(TOGETHER, () => {
        this.flush();
      });
    } else {
      this.waiting = { ...piece, text: this.waiting.text + piece.text };
    }
    if (this.waiting.text.length > LONGEST_STREAM) this.flush();
  }

  flush(): void {
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting !== undefined) this.send(waiting);
  }
}
