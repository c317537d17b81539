import { readFileSync } from 'node:fs';
import { CommandError } from '../../network/commands.js';
import type { Mounted } from '../mounts/mount-table.js';
import type { Tools } from '../tools/tools.js';

/** What a program answers: its output, or a complaint with which it fails. */
export type Answer = (args: readonly string[]) => string | { readonly complaint: string };

/** Programs that only write down how they were called. `mount` and `umount` keep a table, as the kernel does. */
export class FakeTools implements Tools {
  /** Each call as one text. */
  readonly calls: string[] = [];
  /** What files of credentials held when they were used. */
  readonly credentials: string[] = [];
  readonly missing = new Set<string>();
  readonly answers = new Map<string, Answer>();
  mounted: Mounted[] = [];

  readonly table = async (): Promise<readonly Mounted[]> => this.mounted;

  async has(program: string): Promise<boolean> {
    return !this.missing.has(program);
  }

  async run(program: string, args: readonly string[]): Promise<string> {
    this.calls.push([program, ...args].join(' '));
    const answer = this.answers.get(program)?.(args) ?? '';
    if (typeof answer !== 'string') throw new CommandError(program, answer.complaint);
    if (program === 'mount') this.#mount(args);
    if (program === 'umount') this.mounted = this.mounted.filter(({ point }) => point !== args.at(-1));
    return answer;
  }

  #mount(args: readonly string[]): void {
    const [, type = '', , options = '', , source = '', point = ''] = args;
    const file = /(?:^|,)credentials=([^,]*)/.exec(options)?.[1];
    if (file !== undefined) this.credentials.push(readFileSync(file, 'utf8'));
    this.mounted.push({ point, type, source });
  }
}
