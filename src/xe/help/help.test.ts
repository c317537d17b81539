import { describe, expect, it } from 'vitest';
import type { Command } from '../command.js';
import { MinimalPrinter, PlainPrinter } from '../printer.js';
import { RecordingClient } from '../testing/recording-client.js';
import { parametersOf } from '../testing/run-command.js';
import { foldNames } from './fold.js';
import { help } from './help.js';

function command(name: string, given: Partial<Command> = {}): Command {
  return { name, required: [], optional: [], description: `Does ${name}.`, run: () => {}, ...given };
}

const commands = new Map(
  [
    command('vm-start', { flags: ['standard'], optional: ['force', 'on', 'paused'], selectors: 'vm' }),
    command('vm-group-create', { required: ['name-label'], optional: ['placement', 'tags:'] }),
    command('vdi-copy', { flags: ['standard', 'deprecated'] }),
    command('host-list'),
    command('host-reboot', { selectors: 'host' }),
    command('hostdriver-list'),
    command('Zeta'),
    command('sr-probe', { flags: ['hidden'], selectors: 'sr' }),
  ].map((one) => [one.name, one]),
);

function output(...words: readonly string[]): string {
  const client = new RecordingClient();
  const parameters = parametersOf(...words);
  const printer = parameters.find('minimal') === 'true' ? new MinimalPrinter(client) : new PlainPrinter(client);
  help(commands, parameters, printer);
  printer.finish();
  return client.out;
}

describe('help', () => {
  it('shows how xe is used and the common commands', () => {
    const text = output('username=root', 'password=secret', 'server=h', 'port=1');
    expect(text).toMatch(/^Usage/);
    for (const word of ['-s', '-p', '-u', '-pw', '--nossl', '--debug', '--debug-on-fail', '--traceparent', 'xe help <command>'])
      expect(text).toContain(word);
    expect(text).toContain('xe help --all');
    expect(text.endsWith('\nCommon command list\n-------------------\n\n    vdi-copy, vm-start\n')).toBe(true);
  });

  it('explains a command once, however often the line names it', () => {
    expect(output('vm-start', 'vm-start', 'nothing', 'vm-start', 'nothing')).toBe(output('vm-start', 'nothing'));
  });

  it('shows all commands but hidden ones in three blocks', () => {
    const text = output('--all');
    expect(text).not.toContain('--all');
    expect(
      text.endsWith(
        [
          '',
          'Full command list',
          '-----------------',
          '',
          '    host-list, host-reboot',
          '    ',
          '    vm-group-create, vm-start',
          '    ',
          '    Zeta, hostdriver-list, vdi-copy',
          '',
        ].join('\n'),
      ),
    ).toBe(true);
  });

  it('takes only true for all', () => {
    expect(output('all=yes')).toContain('Common command list');
    expect(output('all=true')).toContain('Full command list');
  });

  it('gives names alone when minimal', () => {
    expect(output('--minimal')).toBe('vdi-copy,vm-start\n');
    expect(output('--minimal', '--all')).toBe('Zeta,host-list,host-reboot,hostdriver-list,vdi-copy,vm-group-create,vm-start\n');
  });

  it('explains a command', () => {
    expect(output('vm-group-create')).toBe(
      [
        'command name            : vm-group-create',
        '        reqd params     : name-label',
        '        optional params : placement, tags:',
        '        description     : Does vm-group-create.',
        '',
        '',
        '',
      ].join('\n'),
    );
  });

  it.each([
    ['vm-start', 'force, on, paused, <vm-selectors>', 'vm='],
    ['host-reboot', '<host-selectors>', 'hostname'],
    ['sr-probe', '<sr-selectors>', 'sr-list'],
  ])('explains how %s selects', (name, optional, word) => {
    const lines = output(name).split('\n');
    expect(lines[2]).toBe(`        optional params : ${optional}`);
    expect(lines[3]).toMatch(new RegExp(`^ {8}description     : Does ${name}\\. .*${word}.*--multiple`));
    expect(lines).toHaveLength(7);
  });

  it('explains several, and says which it does not know', () => {
    const text = output('vdi-copy', 'nonsense', 'Zeta=x');
    expect(text.match(/command name {12}: .*/g)).toEqual([
      'command name            : vdi-copy',
      'command name            : Zeta',
    ]);
    expect(text).toContain("\n\nUnknown command 'nonsense'\ncommand");
    expect(output('nonsense')).toBe("Unknown command 'nonsense'\n");
    expect(output('vm-start', '--minimal')).toBe('vm-start\n');
  });
});

describe('foldNames', () => {
  it('breaks a line before the name that would make it too long, without a comma', () => {
    const ten = Array.from({ length: 8 }, (_, i) => `command-${i}0`);
    // Five names with indent and separators are 62 bytes long, so a sixth of 10 fits; with that they are 74.
    expect(foldNames(ten)).toEqual([`    ${ten.slice(0, 6).join(', ')}`, `    ${ten.slice(6).join(', ')}`]);
  });

  it('counts up to 74, the separator apart', () => {
    const first = 'a'.repeat(60);
    expect(foldNames([first, 'b'.repeat(10)])).toEqual([`    ${first}, ${'b'.repeat(10)}`]);
    expect(foldNames([first, 'b'.repeat(11)])).toEqual([`    ${first}`, `    ${'b'.repeat(11)}`]);
  });

  it('does not break before the first name, however long', () => {
    expect(foldNames(['c'.repeat(80)])).toEqual([`    ${'c'.repeat(80)}`]);
    expect(foldNames([])).toEqual([]);
  });
});
