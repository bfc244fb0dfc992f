import { fileURLToPath } from 'node:url';

type Preload =
  | { readonly file: 'holdRun.mjs'; readonly epoch?: number; readonly folder?: string }
  | { readonly file: 'signalAtEpoch.mjs'; readonly signal: NodeJS.Signals; readonly metrics: string };

/** The environment variables that load a module of this folder into a process and those that it starts. */
export function preload({ file, ...options }: Preload): NodeJS.ProcessEnv {
  const module = fileURLToPath(new URL(file, import.meta.url));
  return {
    NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import=${JSON.stringify(module)}`,
    [file === 'holdRun.mjs' ? 'MSL_TEST_HOLD' : 'MSL_TEST_SIGNAL']: JSON.stringify(options),
  };
}
