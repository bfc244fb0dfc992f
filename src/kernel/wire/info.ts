/** What the kernel says of itself. */
import { PROTOCOL, type Content } from './messages.ts';

export interface Versions {
  /** Of the package that the kernel is part of. */
  readonly kernel: string;
  /** Of the compiler. */
  readonly typescript: string;
}

/** The content of a kernel_info_reply. */
export function kernelInfo(versions: Versions, features: readonly string[]): Content {
  return {
    status: 'ok',
    protocol_version: PROTOCOL,
    implementation: 'msl-kernel',
    implementation_version: versions.kernel,
    banner: `msl-kernel ${versions.kernel}: TypeScript ${versions.typescript} on Node.js ${process.versions.node}`,
    language_info: {
      name: 'typescript',
      version: versions.typescript,
      mimetype: 'text/typescript',
      file_extension: '.ts',
      pygments_lexer: 'typescript',
      // JupyterLab reads `mode`, the classic notebook the other two.
      codemirror_mode: { mode: 'typescript', name: 'javascript', typescript: true },
      nbconvert_exporter: 'script',
    },
    help_links: [
      { text: 'TypeScript handbook', url: 'https://www.typescriptlang.org/docs/handbook/intro.html' },
      { text: 'Node.js API', url: 'https://nodejs.org/api/' },
      { text: 'TensorFlow.js API', url: 'https://js.tensorflow.org/api/latest/' },
      { text: 'Plotly.js reference', url: 'https://plotly.com/javascript/reference/' },
    ],
    debugger: false,
    supported_features: [...features],
  };
}
