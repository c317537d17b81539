import { describeKilled } from '../testing/killed-operations.js';
import { MemoryMedium } from '../testing/memory-medium.js';

describeKilled(async () => {
  const stored = new MemoryMedium();
  return { stored, open: async () => stored };
});
