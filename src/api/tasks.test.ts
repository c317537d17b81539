import { describe, expect, it } from 'vitest';
import { ApiError } from '../model/error.js';
import type { Ref } from '../model/ref.js';
import { type ApiFixture, apiFixture } from './testing/fixture.js';

function begun({ api, session, host }: ApiFixture) {
  const ref = api.tasks.create({ name: 'Async.VM.start', session, host });
  return { ref, handle: api.tasks.begin(ref) };
}

const status = ({ api }: ApiFixture, task: Ref<'task'>) => api.db.get('task', task).status;

describe('a task', () => {
  it('shows one wish to cancel it, however often that is asked for', async () => {
    const f = await apiFixture();
    const { ref, handle } = begun(f);
    for (let i = 0; i < 5; i++) await f.call('task.cancel', ref);
    expect([...f.api.db.get('task', ref).current_operations.values()]).toEqual(['cancel']);
    expect(() => handle.check()).toThrow('TASK_CANCELLED');
  });

  it('that has ended makes no progress any more', async () => {
    const f = await apiFixture();
    const { ref, handle } = begun(f);
    f.api.tasks.fail(ref, new ApiError('TASK_CANCELLED', ref));
    handle.progress(0.5);
    expect(f.api.db.get('task', ref)).toMatchObject({ status: 'cancelled', progress: 1 });
  });
});

describe('the end of the server', () => {
  it('waits for what runs', async () => {
    const f = await apiFixture();
    const { ref } = begun(f);
    let over = false;
    const finished = f.api.tasks.finish(60_000).then(() => {
      over = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(over).toBe(false);
    f.api.tasks.succeed(ref, '');
    await finished;
    expect(status(f, ref)).toBe('success');
  });

  it('cancels what runs for too long, and lets it tidy up', async () => {
    const f = await apiFixture();
    const { ref, handle } = begun(f);
    handle.signal.addEventListener('abort', () =>
      setTimeout(() => f.api.tasks.fail(ref, new ApiError('TASK_CANCELLED', ref)), 5),
    );
    await f.api.tasks.finish(5, 60_000);
    expect(status(f, ref)).toBe('cancelled');
  });

  it('fails what cannot be cancelled', async () => {
    const f = await apiFixture();
    const { ref } = begun(f);
    await f.api.tasks.finish(0, 0);
    expect(f.api.db.get('task', ref)).toMatchObject({ status: 'failure', error_info: ['INTERNAL_ERROR', expect.any(String)] });
  });

  it('does not wait for tasks that clients made for themselves', async () => {
    const f = await apiFixture();
    const task = await f.call<Ref<'task'>>('task.create', 'mine', '');
    await f.api.tasks.finish(60_000);
    expect(status(f, task)).toBe('pending');
  });
});
