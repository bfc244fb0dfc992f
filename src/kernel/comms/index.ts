export { createComms } from './comms.ts';
export type {
  Comm,
  CommAccess,
  CommExtras,
  CommListener,
  CommMessage,
  CommRequest,
  Comms,
  CommsOptions,
  TargetHandler,
} from './comms.ts';
