import { expect, it } from 'vitest';
import { ByteQueue } from './byte-queue.js';

const text = (bytes: Buffer | undefined) => bytes?.toString('latin1');

it('gives bytes as they are asked for, however they come', async () => {
  const queue = new ByteQueue();
  const first = queue.take(5);
  queue.push(Buffer.from('ab'));
  queue.push(Buffer.from('cdefg'));
  expect(text(await first)).toBe('abcde');
  expect(text(await queue.take(2))).toBe('fg');
  expect(text(await queue.take(0))).toBe('');
  expect(queue.length).toBe(0);
});

it('gives what is there after the end, and the reason for what is not', async () => {
  const queue = new ByteQueue();
  queue.push(Buffer.from('abc'));
  queue.end(new Error('gone'));
  expect(text(await queue.take(2))).toBe('ab');
  await expect(queue.take(2)).rejects.toThrow('gone');
});

it('tells whoever waits of the end', async () => {
  const queue = new ByteQueue();
  const waiting = queue.take(1);
  queue.end(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
});

it('finds a mark that comes in pieces, and leaves what follows', async () => {
  const queue = new ByteQueue();
  const found = queue.takeThrough(Buffer.from('\r\n\r\n'), 100);
  for (const piece of ['head\r', '\n', '\r', '\nbody']) {
    queue.push(Buffer.from(piece));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(text(await found)).toBe('head\r\n\r\n');
  expect(text(await queue.take(4))).toBe('body');
});

it('gives up on a mark that does not come', async () => {
  const queue = new ByteQueue();
  queue.push(Buffer.alloc(50, 'x'));
  expect(await queue.takeThrough(Buffer.from('\r\n\r\n'), 50)).toBeUndefined();
  const late = new ByteQueue();
  late.push(Buffer.from(`${'x'.repeat(60)}\r\n\r\n`));
  expect(await late.takeThrough(Buffer.from('\r\n\r\n'), 50)).toBeUndefined();
});

it('calls back when bytes are next asked for', async () => {
  const queue = new ByteQueue();
  let called = 0;
  queue.push(Buffer.from('ab'));
  queue.whenTaken(() => called++);
  await queue.take(1);
  await queue.take(1);
  expect(called).toBe(1);
});
