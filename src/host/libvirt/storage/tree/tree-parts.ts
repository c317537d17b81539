import type { Mutex } from '../../../mutex.js';
import type { LiveDisks } from '../../volume-source.js';
import type { Branching } from './branching.js';
import type { Intents, UserOf, Warn } from './intents.js';
import type { Medium } from './medium.js';
import type { TreeState } from './tree-state.js';

/** What the operations of one SR share. */
export interface TreeParts {
  /** Uuid of the SR. */
  readonly uuid: string;
  readonly medium: Medium;
  readonly state: TreeState;
  readonly branching: Branching;
  readonly intents: Intents;
  readonly userOf: UserOf;
  live(): LiveDisks;
  readonly warn: Warn;
  /** Changes of the tree happen one after the other. */
  readonly mutex: Mutex;
  /** Nodes that streams and copies write to. */
  readonly written: Set<string>;
}
