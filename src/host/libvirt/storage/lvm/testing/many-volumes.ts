import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v4 as newUuid } from 'uuid';
import { volumeText } from '../../tree/records.js';
import { diskName, groupNameOf } from '../names.js';
import { nodeTag, srTag } from '../node-tag.js';
import { textTags } from '../tag-text.js';
import type { LvmLab } from './lvm-lab.js';

const MIB = 2 ** 20;

/** Where the group of an SR is. */
type Place = Pick<LvmLab, 'directory' | 'run'> & { readonly sr: Pick<LvmLab['sr'], 'uuid'> };

/** Puts volumes with records into the group of an SR, in the way that LVM restores a group from a file. */
export async function manyVolumes(lab: Place, count: number): Promise<void> {
  const group = groupNameOf(lab.sr.uuid);
  const file = join(lab.directory, 'group');
  await lab.run(['lvcreate', '--yes', '-Zn', '-Wn', '-L', '4m', '-n', 'model', group]);
  await lab.run(['vgcfgbackup', '-f', file, group]);
  const text = await readFile(file, 'utf8');
  const [, model = ''] = /\tlogical_volumes \{\n([\s\S]*?)\n\t\}\n/.exec(text) ?? [];
  const tag = nodeTag({ format: 'qcow2', virtualSize: 4 * MIB, parent: undefined });
  const [, extent = ''] = /"pv0", (\d+)/.exec(model) ?? [];
  const nodes = Array.from({ length: count }, () => newUuid());
  const volumes = nodes.map((node, index) =>
    model
      .replace('model {', `${diskName(node)} {`)
      .replace(/id = "[^"]+"/, `id = "${String(index).padStart(6, '0')}-aaaa-bbbb-cccc-dddd-eeee-ffffff"`)
      .replace(/"pv0", \d+/, `"pv0", ${Number(extent) + index}`)
      .replace(/(\t*)flags = /, `$1tags = ["${tag}"]\n$1flags = `),
  );
  const records = nodes.flatMap((node) => {
    const uuid = newUuid();
    const common = { readOnly: false, name: 'disk', description: 'of a test', properties: new Map(), smConfig: new Map() };
    return textTags('xenapi.volume', uuid, volumeText({ uuid, location: uuid, node: diskName(node), ...common }));
  });
  const own = srTag(lab.sr.uuid);
  const tags = [own, ...records].map((one) => `"${one}"`).join(', ');
  await writeFile(file, text.replace(model, volumes.join('\n')).replace(`tags = ["${own}"]`, `tags = [${tags}]`));
  await lab.run(['vgcfgrestore', '-f', file, group]);
}
