import { clock } from './clock.js';
import { cpu } from './cpu.js';
import { features } from './features.js';
import { firmware } from './firmware.js';
import { lifecycle } from './lifecycle.js';
import { memory } from './memory.js';
import { type AnySection, section } from './section.js';
import { serialPort, virtualTpm } from './switched-devices.js';
import { tuning } from './tuning.js';
import { vcpus } from './vcpus.js';
import { video } from './video.js';

/** All that a description says of a VM's settings. What Windows gets is read before the clock, which depends on it. */
export const sections: readonly AnySection[] = [
  section(memory),
  section(vcpus),
  section(tuning),
  section(firmware),
  section(features),
  section(cpu),
  section(clock),
  section(lifecycle),
  section(serialPort),
  section(video),
  section(virtualTpm),
];
