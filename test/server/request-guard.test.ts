import type { IncomingMessage } from 'node:http';

import { describe, expect, it } from 'vitest';

import { isForThisHost, isFromOwnPage } from '../../src-main/server/request-guard.ts';

const request = (headers: Record<string, string>): IncomingMessage =>
  ({ headers }) as unknown as IncomingMessage;
const isForUs = (host: string, boundTo = '127.0.0.1', port = 7279): boolean =>
  isForThisHost(request({ host }), boundTo, port);

describe('isForThisHost', () => {
  it.each(['127.0.0.1:7279', 'localhost:7279', 'LocalHost:7279', '[::1]:7279'])(
    'takes %s',
    (host) => expect(isForUs(host)).toBe(true),
  );

  it.each([
    'evil.example:7279',
    'localhost.evil.example:7279',
    '127.0.0.1.nip.io:7279',
    '127.0.0.1',
    '127.0.0.1:80',
    '127.0.0.1:7279:7279',
    '127.0.0.1:',
    'user@127.0.0.1:7279',
    '192.168.1.5:7279',
    '',
    ':7279',
  ])('refuses %j', (host) => expect(isForUs(host)).toBe(false));

  it('refuses a request that names no host', () => {
    expect(isForThisHost(request({}), '127.0.0.1', 7279)).toBe(false);
  });

  it('takes the address that it is bound to', () => {
    expect(isForUs('192.168.1.5:7279', '192.168.1.5')).toBe(true);
    expect(isForUs('192.168.1.6:7279', '192.168.1.5')).toBe(false);
    expect(isForUs('[fe80::1]:7279', 'fe80::1')).toBe(true);
  });

  it('takes any address but no foreign name when it is bound to all', () => {
    for (const all of ['0.0.0.0', '::']) {
      expect(isForUs('192.168.1.5:7279', all)).toBe(true);
      expect(isForUs('[fe80::1]:7279', all)).toBe(true);
      expect(isForUs('evil.example:7279', all)).toBe(false);
    }
  });

  it('knows that browsers leave out port 80', () => {
    expect(isForUs('localhost', '127.0.0.1', 80)).toBe(true);
  });
});

describe('isFromOwnPage', () => {
  it('compares with the host that was asked', () => {
    const host = 'localhost:7279';
    expect(isFromOwnPage(request({ host, origin: 'http://localhost:7279' }))).toBe(true);
    for (const origin of ['http://127.0.0.1:7279', 'https://localhost:7279', 'null', '']) {
      expect(isFromOwnPage(request({ host, origin }))).toBe(false);
    }
    expect(isFromOwnPage(request({ host }))).toBe(false);
  });
});
