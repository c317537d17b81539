import type { ClassBehaviour } from '../behaviour.js';

/** Consoles come and go with the domains that they show; nobody makes them by hand. */
export const console: ClassBehaviour<'console'> = {
  refuses: {
    create: ['NOT_IMPLEMENTED', 'Console.create'],
    destroy: ['NOT_IMPLEMENTED', 'Console.destroy'],
  },
};
