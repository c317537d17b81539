import { describe, expect, it } from 'vitest';
import { classes } from '../../schema/classes.js';
import { enums } from '../../schema/enums.js';
import { errors } from '../../schema/errors.js';
import { relations } from '../../schema/relations.js';
import { staticRoles } from '../../schema/roles.js';
import { classModels } from './class-model.js';
import { messageModels } from './message-model.js';

describe('the object model', () => {
  it('has the size of the original', () => {
    expect(Object.keys(classes)).toHaveLength(73);
    expect(classModels.flatMap((c) => c.wireFields)).toHaveLength(921);
    expect(classModels.flatMap((c) => c.fields.filter((f) => f.schema.internal))).toHaveLength(29);
    expect(messageModels).toHaveLength(2258);
    expect(messageModels.filter((m) => m.kind === 'explicit')).toHaveLength(678);
    expect(messageModels.filter((m) => m.async)).toHaveLength(530);
    expect(Object.keys(enums)).toHaveLength(75);
    expect(relations).toHaveLength(64);
    expect(Object.keys(errors)).toHaveLength(634);
    expect(staticRoles).toHaveLength(7);
  });

  it('names every message once', () => {
    expect(new Set(messageModels.map((m) => m.fullName)).size).toBe(messageModels.length);
  });

  it('points only at fields, classes and enumerations that exist', () => {
    const names = new Set(Object.keys(classes));
    const walk = (type: (typeof messageModels)[number]['result']): void => {
      if (type.kind === 'ref' || type.kind === 'record') expect(names).toContain(type.name);
      else if (type.kind === 'enum') expect(Object.keys(enums)).toContain(type.name);
      else if (type.kind === 'set' || type.kind === 'option') walk(type.of);
      else if (type.kind === 'map') [type.key, type.value].forEach(walk);
    };
    for (const message of messageModels) [message.result, ...message.params.map((p) => p.type)].forEach(walk);
    for (const { from, to } of relations)
      for (const [name, field] of [from, to])
        expect(classModels.find((c) => c.name === name)?.fieldsByName.has(field)).toBe(true);
  });

  it('says what every class and every explicit message is for', () => {
    const silent = classModels.flatMap(({ name, schema }) => [
      ...(schema.doc ? [] : [name]),
      ...Object.entries(schema.messages).flatMap(([message, { doc }]) => (doc ? [] : [`${name}.${message}`])),
    ]);
    expect(silent).toEqual([]);
  });
});
