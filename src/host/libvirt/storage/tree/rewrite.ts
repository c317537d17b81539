import type { RewrittenVolume } from '../attached-sr.js';
import type { FoundVolume } from './in-step.js';
import type { TreeParts } from './tree-parts.js';

/**
 * Makes an empty node that becomes the only one of a volume when it is complete; the old one then goes, unless others stand on it.
 * To be called while nothing else happens in the SR. `released` is called at the end, in any case.
 */
export async function beginRewrite(
  { state, branching, intents, mutex }: TreeParts,
  { record, node }: FoundVolume,
  released: () => void,
): Promise<RewrittenVolume> {
  const { medium } = state;
  const shape = medium.shapeOf(node.virtualSize, record.smConfig);
  const fresh = medium.newName(shape.format);
  const intent = { nodes: [fresh, node.name], volumes: [] };
  const id = await intents.begin(intent);
  const end = (work: () => Promise<void>): Promise<void> => mutex.run(work).finally(released);
  try {
    await medium.createNode(fresh, shape, undefined);
    await medium.provide(fresh, 'write');
  } catch (thrown) {
    await intents.abandon(id, intent);
    released();
    throw thrown;
  }
  return {
    uuid: record.uuid,
    source: branching.source({ name: fresh, ...shape }, false),
    size: shape.virtualSize,
    makeRoom: (bytes) => medium.makeRoom(fresh, bytes),
    commit: () =>
      end(async () => {
        try {
          await medium.giveBackRoom(fresh);
          // What was found on the medium goes as what was made here does, once nobody needs it.
          await state.claim(record);
          await state.refresh(fresh);
          await state.put({ ...record, node: fresh });
          await medium.removeMemory(record.uuid);
          await intents.finish(id, intent);
        } catch (thrown) {
          await intents.abandon(id, intent);
          throw thrown;
        }
      }),
    drop: () => end(() => intents.abandon(id, intent)),
  };
}
