import { setImmediate as nextTurn } from 'node:timers/promises';
import { DESCRIPTION_NAME, writeDescription } from '../../../wire/xva/description.js';
import { tarFile } from '../../../wire/xva/disk-writer.js';
import type { Api } from '../../api.js';
import { fileVersion } from '../versions.js';
import { describeObject, type Telling } from './describe.js';
import type { Gathered } from './gather.js';

/** Objects that are described before others get their turn. */
const IN_ONE_GO = 50;

/** The first file of every export: what its objects are. `time` in seconds since 1970. */
export async function fileStart(api: Api, gathered: Gathered, telling: Telling, time: number): Promise<Buffer[]> {
  const { db } = api;
  const objects: { className: string; id: string; fields: string }[] = [];
  for (const [className, ref] of gathered.all()) {
    // One that has gone meanwhile is not missed: only what nobody holds can go.
    if (!db.exists(className, ref)) continue;
    const id = gathered.idOf(ref) ?? '';
    objects.push({ className, id, fields: describeObject(db, gathered, className, ref, telling) });
    if (objects.length % IN_ONE_GO === 0) await nextTurn();
  }
  const text = [...writeDescription(fileVersion(api.persona), objects)];
  return tarFile(
    DESCRIPTION_NAME,
    text.map((piece) => Buffer.from(piece, 'utf8')),
    time,
  );
}
