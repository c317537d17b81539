import type { Call } from '../../call.js';

/** The call with a task whose whole progress is a part of the real one's: for work that consists of several pieces. */
export function partOfTask(call: Call, from: number, to: number): Call {
  const { task } = call;
  return { ...call, task: { ...task, progress: (share) => task.progress(from + share * (to - from)) } };
}
