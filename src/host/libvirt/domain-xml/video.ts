import type { Section } from './section.js';
import { withPlatform } from './settings.js';
import { append, attribute, child, ensure, remove, set, tag } from './xml.js';

interface Video {
  readonly model: string;
  /** KiB; undefined for models that have no memory of their own. */
  readonly memory: number | undefined;
}

/** Values of `vga`, and libvirt's names of models. */
const MODELS: ReadonlyMap<string, string> = new Map([
  ['std', 'vga'],
  ['cirrus', 'cirrus'],
  ['virtio', 'virtio'],
  ['qxl', 'qxl'],
  ['bochs', 'bochs'],
  ['none', 'none'],
]);

/** Models whose memory can be chosen. */
const WITH_MEMORY = ['vga', 'qxl', 'bochs'];

/** MiB of a screen where nothing is said, and what is taken at most. */
const USUAL_MEMORY = 16;
const MOST_MEMORY = 256;

/** The graphics card. */
export const video: Section<Video> = {
  express: ({ platform }) => {
    const model = MODELS.get(platform.get('vga') ?? 'std') ?? 'vga';
    return { model, memory: WITH_MEMORY.includes(model) ? memoryOf(platform.get('videoram')) : undefined };
  },
  read: (domain) => {
    const element = child(domain, 'devices', 'video', 'model');
    const model = attribute(element, 'type') ?? 'none';
    const memory = Number(attribute(element, 'vram') ?? USUAL_MEMORY * 1024);
    return { model, memory: WITH_MEMORY.includes(model) ? memory : undefined };
  },
  interpret: ({ model, memory }, settings, traits) => {
    const expressed = video.express(settings, traits);
    const [name] = [...MODELS].find(([, known]) => known === model) ?? ['std'];
    return withPlatform(settings, {
      ...(model !== expressed.model && { vga: name }),
      ...(memory !== expressed.memory && memory !== undefined && { videoram: String(Math.round(memory / 1024)) }),
    });
  },
  write: (domain, { model, memory }) => {
    const devices = ensure(domain, 'devices');
    const element = child(devices, 'video') ?? append(devices, tag('video'));
    const old = child(element, 'model') ?? append(element, tag('model'));
    // The place on the bus is another kind's, and so is what a model has beyond its memory.
    if (attribute(old, 'type') !== model) remove(element, 'address', 'driver', 'model');
    set(child(element, 'model') ?? append(element, tag('model')), { type: model, vram: memory });
  },
};

/** KiB: cards have powers of two. */
function memoryOf(videoram = ''): number {
  const asked = /^\d{1,4}$/.test(videoram) ? Number(videoram) : USUAL_MEMORY;
  return 1024 * 2 ** Math.ceil(Math.log2(Math.min(MOST_MEMORY, Math.max(1, asked))));
}
