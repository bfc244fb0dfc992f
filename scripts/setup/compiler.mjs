// @ts-check
import { NotAvailable } from './errors.mjs';
import { run } from './process.mjs';

/**
 * Finds a C++ compiler: the command line in `CXX`, else `g++`, `c++`, `clang++`.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<readonly [command: string, ...args: string[]]>} a command with its first arguments, since `CXX`
 * may hold some (`ccache g++`)
 * @throws {NotAvailable} where there is none
 */
export async function findCompiler(env) {
  const named = (env['CXX'] ?? '').trim();
  const candidates = named === '' ? ['g++', 'c++', 'clang++'] : [named];
  for (const candidate of candidates) {
    const [command = '', ...args] = candidate.split(/\s+/);
    const { status } = await run(command, [...args, '--version'], { env, timeout: 30_000 });
    if (status === 0) return [command, ...args];
  }
  throw new NotAvailable(
    `no C++ compiler was found (tried ${candidates.join(', ')}${named === '' ? '' : ' from CXX'}); ` +
      'install one (Debian/Ubuntu: apt install g++; Fedora: dnf install gcc-c++; macOS: xcode-select --install)',
  );
}
