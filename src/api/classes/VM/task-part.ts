import type { Call } from '../../call.js';
import type { TaskHandle } from '../../tasks.js';

/** The call with a task whose whole progress is a part of the real one's: for work that consists of several pieces. */
export function partOfTask(call: Call, from: number, to: number): Call {
  const { task } = call;
  return { ...call, task: new TaskPart(task, from, to) };
}

/** Asks the task itself for all but the progress: a copy would lose what the handle works out only when it is asked. */
class TaskPart implements TaskHandle {
  readonly ref: TaskHandle['ref'];

  constructor(
    private readonly whole: TaskHandle,
    private readonly from: number,
    private readonly to: number,
  ) {
    this.ref = whole.ref;
  }

  get signal(): AbortSignal {
    return this.whole.signal;
  }

  progress(share: number): void {
    this.whole.progress(this.from + share * (this.to - this.from));
  }

  cancellable(possible: boolean): void {
    this.whole.cancellable(possible);
  }

  check(): void {
    this.whole.check();
  }
}
