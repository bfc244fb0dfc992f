import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { UsageError } from '../../../src/engine/index.ts';
import { queueAddress } from '../../../src/experiments/queue/index.ts';
import { connect, serverWarnings } from '../../../src/experiments/queue/connection.ts';
import { parseQueueUrl } from '../../../src/experiments/queue/address.ts';
import { NO_REDIS, PASSWORD, startRedis } from '../../support/redisServer.ts';

describe('the address of a queue', () => {
  test('is given by hand, or in MSL_QUEUE, where it may hold a password', () => {
    assert.deepEqual(queueAddress('redis://host:7000/2', {}), {
      ...{ host: 'host', port: 7000, db: 2, tls: false, shown: 'redis://host:7000/2' },
    });
    const secret = queueAddress(undefined, { MSL_QUEUE: 'rediss://me:a%40b@host' });
    assert.deepEqual(secret, {
      ...{ host: 'host', port: 6379, db: 0, tls: true, username: 'me', password: 'a@b' },
      shown: 'rediss://host:6379',
    });
  });

  test('is refused without showing what may be a password', () => {
    const refused = (given: string | undefined, message: RegExp, env = {}) => {
      assert.throws(
        () => queueAddress(given, env),
        (error) =>
          error instanceof UsageError && message.test(error.message) && !error.message.includes('secret'),
      );
    };
    refused(undefined, /No queue is named/);
    refused('redis://:secret@host', /redis:\/\/host:6379: a password on the command line can be read/);
    refused(':secret@host', /no address; it has to be like redis:/);
    refused('http://:secret@host', /'http:\/\/' is no queue/);
    refused(undefined, /MSL_QUEUE: behind the host stands the number/, {
      MSL_QUEUE: 'redis://:secret@host/jobs',
    });
    refused(undefined, /MSL_QUEUE: a % in user or password is written %25/, {
      MSL_QUEUE: 'redis://:secret%zz@host',
    });
  });
});

describe('the server of a queue', { skip: NO_REDIS }, () => {
  test('that is not there, or asks for another password, is told of in a sentence', async () => {
    const redis = await startRedis('--maxmemory-policy', 'allkeys-lru', '--appendonly', 'no');
    try {
      const at = (url: string) => connect(parseQueueUrl(url, 'test'));
      await assert.rejects(
        at(`redis://127.0.0.1:${redis.port}`),
        /asks for another user or password \(NOAUTH/,
      );
      await assert.rejects(
        at(`redis://:wrong@127.0.0.1:${redis.port}`),
        /asks for another user or password \(WRONGPASS/,
      );
      const client = await at(redis.url);
      const [policy, append] = await serverWarnings(client);
      assert.match(policy!, /maxmemory-policy allkeys-lru/);
      assert.match(append!, /appendonly no/);
      client.disconnect();
    } finally {
      await redis.stop();
    }
    await assert.rejects(connect(parseQueueUrl(redis.url, 'test')), (error) => {
      const { message } = error as Error;
      return /cannot be reached \(.*ECONNREFUSED/.test(message) && !message.includes(PASSWORD);
    });
  });

  const skip = spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not installed';
  test('speaks TLS, with a certificate of one’s own', { skip }, async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-tls-'));
    const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => path.join(folder, name)) as [
      string,
      string,
    ];
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate],
    ]);
    assert.equal(made.status, 0, String(made.stderr));
    const redis = await startRedis(
      ...['--tls-auth-clients', 'no', '--tls-cert-file', certificate, '--tls-key-file', key],
    );
    try {
      const url = redis.url.replace('redis://', 'rediss://').replace('127.0.0.1', 'localhost');
      await assert.rejects(
        connect(parseQueueUrl(url, 'test')),
        /certificate that is not trusted.*NODE_EXTRA_CA_CERTS/,
      );
      const module = fileURLToPath(new URL('../../../src/experiments/queue/', import.meta.url));
      const script = `
        const { connect } = await import(${JSON.stringify(`${module}connection.ts`)});
        const { parseQueueUrl } = await import(${JSON.stringify(`${module}address.ts`)});
        const redis = await connect(parseQueueUrl(process.env.MSL_QUEUE, 'test'));
        console.log(await redis.ping());
        redis.disconnect();`;
      const trusting = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
        env: { ...process.env, MSL_QUEUE: url, NODE_EXTRA_CA_CERTS: certificate },
        encoding: 'utf8',
      });
      assert.equal(trusting.stdout, 'PONG\n', trusting.stderr);
    } finally {
      await redis.stop();
      rmSync(folder, { recursive: true });
    }
  });
});
