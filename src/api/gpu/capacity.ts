import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import { NULL_REF, type Ref } from '../../model/ref.js';

type Type = Ref<'VGPU_type'>;

/** Throws VGPU_TYPE_NOT_SUPPORTED with the types that the card can provide. */
export function assertSupported(db: Database, self: Ref<'PGPU'>, type: Type): void {
  const { supported_VGPU_types: supported } = db.get('PGPU', self);
  if (!supported.includes(type)) throw new ApiError('VGPU_TYPE_NOT_SUPPORTED', type, ...supported);
}

/** Throws PGPU_IN_USE_BY_VM with the VMs that have a virtual GPU of the type, or of any where none is given, on the card. */
export function assertNotResident(db: Database, self: Ref<'PGPU'>, type?: Type): void {
  const vgpus = db.get('PGPU', self).resident_VGPUs.map((vgpu) => db.get('VGPU', vgpu));
  const using = vgpus.filter((vgpu) => type === undefined || vgpu.type === type);
  if (using.length) throw new ApiError('PGPU_IN_USE_BY_VM', ...using.map(({ VM }) => VM));
}

/** Virtual GPUs that are on a card or will be. */
function allocated(db: Database, self: Ref<'PGPU'>): Type[] {
  const there = db.get('PGPU', self).resident_VGPUs.map((vgpu) => db.get('VGPU', vgpu).type);
  const coming = db.filter('VGPU', (vgpu) => vgpu.scheduled_to_be_resident_on === self);
  return [...there, ...coming.map(([, { type }]) => type)];
}

/** How many more virtual GPUs of a type fit on a card, or the reason why none does. */
export function capacityOf(db: Database, self: Ref<'PGPU'>, type: Type): number | ApiError {
  const card = db.get('PGPU', self);
  const fields = db.get('VGPU_type', type);
  try {
    assertSupported(db, self, type);
  } catch (thrown) {
    if (thrown instanceof ApiError) return thrown;
    throw thrown;
  }
  if (!card.enabled_VGPU_types.includes(type)) return new ApiError('VGPU_TYPE_NOT_ENABLED', type, ...card.enabled_VGPU_types);
  const present = allocated(db, self);
  if (present.some((other) => !db.get('VGPU_type', other).compatible_types_on_pgpu.includes(type)))
    return new ApiError('VGPU_TYPE_NOT_COMPATIBLE_WITH_RUNNING_TYPE', self, type, [...new Set(present)].sort().join(';'));
  const free =
    fields.implementation === 'passthrough' ? wholeCard(db, self) : share(card.size - sizeOf(db, present), fields.size);
  return free > 0 ? free : new ApiError('PGPU_INSUFFICIENT_CAPACITY_FOR_VGPU', self, type);
}

/** A card that is passed through as a whole goes to one VM. */
function wholeCard(db: Database, self: Ref<'PGPU'>): number {
  const { attached_VMs } = db.get('PCI', db.get('PGPU', self).PCI);
  const coming = db.filter('VGPU', (vgpu) => vgpu.scheduled_to_be_resident_on === self).length;
  return attached_VMs.length || coming ? 0 : 1;
}

function sizeOf(db: Database, types: readonly Type[]): number {
  return types.reduce((sum, type) => sum + db.get('VGPU_type', type).size, 0);
}

function share(free: number, size: number): number {
  return size > 0 ? Math.floor(free / size) : 0;
}

/** The type that a virtual GPU without one has: a whole card. A pool without cards has no such type until it is needed. */
export function passthroughType(db: Database): Type {
  const [known] = db.filter('VGPU_type', (type) => type.implementation === 'passthrough');
  return (
    known?.[0] ?? db.create('VGPU_type', { model_name: 'passthrough', implementation: 'passthrough', identifier: 'passthrough' })
  );
}

/** Brings the types that a group shows in step with those of its cards. */
export function updateGroupTypes(db: Database, group: Ref<'GPU_group'>, which: 'supported' | 'enabled' | 'both'): void {
  if (group === NULL_REF || !db.exists('GPU_group', group)) return;
  const cards = db.get('GPU_group', group).PGPUs.map((card) => db.get('PGPU', card));
  db.transaction(() => {
    if (which !== 'enabled')
      db.set('GPU_group', group, { supported_VGPU_types: [...new Set(cards.flatMap((card) => card.supported_VGPU_types))] });
    if (which !== 'supported')
      db.set('GPU_group', group, { enabled_VGPU_types: [...new Set(cards.flatMap((card) => card.enabled_VGPU_types))] });
  });
}
