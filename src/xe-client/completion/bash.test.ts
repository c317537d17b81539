import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { completionScript } from './script.js';

/** What a server answers to the questions of the script; the fake client keeps a list of those. */
const ANSWERS: Readonly<Record<string, string>> = {
  'help --minimal --all':
    'help,vm-list,vm-param-list,vm-param-get,vm-param-add,vm-param-set,vm-start,vm-shutdown,vm-disk-list,vm-disk-add,vm-export,vm-cd-insert,' +
    'vm-data-source-query,host-list,host-param-list,host-get-system-status,host-apply-edition,sr-list,sr-param-list,sr-create,cd-list,' +
    'snapshot-list,snapshot-param-list,snapshot-revert,vbd-list,vbd-param-list,vbd-create,pif-list,pif-param-list,bond-create,pool-param-set',
  'help vm-start':
    'command name            : vm-start\n        reqd params     : \n        optional params : force, on, paused, <vm-selectors>\n' +
    '        description     : Starts VMs. More.\n\n\n',
  'help sr-create':
    'command name            : sr-create\n        reqd params     : name-label, type\n        optional params : host-uuid, device-config:, shared\n' +
    '        description     : Makes an SR.\n',
  'help vm-list':
    'command name            : vm-list\n        reqd params     : \n' +
    '        optional params : params, database:, uuid, name-label, power-state, tags, tags:contains\n        description     : Shows.\n',
  'help vm-shutdown':
    'command name            : vm-shutdown\n        reqd params     : \n        optional params : force, <vm-selectors>\n',
  'help vm-param-set vm-param-get vm-param-list vm-param-add': '',
  'help vm-start vm-shutdown':
    'command name            : vm-start\n        description     : Starts VMs. More.\n\ncommand name            : vm-shutdown\n' +
    '        description     : Stops VMs: all of them.\n',
  'vm-list --minimal params=name-label':
    "plain,My VM\\, big,it's $(touch pwned) `x`,wow!!,a:b c,a:b d,back\\\\slash,two\nlines,plain,<not in database>",
  'vm-list --minimal params=uuid': '11-aa,11-bb,22-cc',
  'vm-list --all --minimal params=uuid': '11-aa,11-bb,22-cc,33-dd',
  'vm-list params=uuid,name-label,number,vm-name-label,device':
    'uuid ( RO)          : 11-aa\n    name-label ( RW): one: first\n\n\nuuid ( RO)          : 22-cc\n    name-label ( RW): two\n\n\n',
  'vm-list params=all uuid=11-aa':
    'uuid ( RO)       : 11-aa\n      name-label ( RW): x\n      tags (SRW): \n      other-config (MRW): a: b (MRW)\n' +
    '      snapshots (SRO): \n      old (MRW) [DEPRECATED]: \n',
  'vm-list --minimal params=power-state': 'running,halted,running',
  'snapshot-list --minimal params=uuid': '44-ee',
  'host-list --minimal params=name-label': 'alpha,beta',
  'sm-list --minimal params=type': 'nfs,lvm',
  'sm-list type=nfs params=configuration --minimal': 'server: hostname\\, or IP; serverpath: path; options: more',
  'cd-list --minimal params=name-label': 'tools.iso,debian 12.iso',
  'host-all-editions --minimal': 'free,premium',
  'pool-list --minimal params=master': 'h1',
  'host-get-system-status-capabilities uuid=h1':
    '<c><capability content-type="x" key="logs" max="1"/><capability key="boot-loader"/></c>',
  'vm-data-source-list --minimal uuid=11-aa': 'cpu0,memory',
  'sr-list --all --minimal params=uuid': 's1,s2',
  'pif-list --minimal params=uuid': 'p1,p2,p3',
};

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'xe-completion-'));
  const cases = Object.entries(ANSWERS).map(
    ([question, answer]) => `  ${quoted(question)}) printf '%s\\n' ${quoted(answer)} ;;\n`,
  );
  const fake = `#!/bin/bash\nprintf '%s\\n' "$*" >>asked\ncase "$*" in\n${cases.join('')}esac\n`;
  writeFileSync(join(directory, 'xe'), fake);
  chmodSync(join(directory, 'xe'), 0o755);
  writeFileSync(join(directory, 'script'), completionScript('bash'));
  writeFileSync(join(directory, 'disk image.vhd'), '');
});
afterAll(() => rmSync(directory, { recursive: true }));
beforeEach(() => rmSync(join(directory, 'asked'), { force: true }));

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** What bash gets to offer at the end of each of some lines, in one shell. `shown`: the user has pressed Tab again. */
function completeAll(lines: readonly string[], shown = false): string[][] {
  const tries = lines.map(
    (line) =>
      `COMP_LINE=${quoted(line)} COMP_POINT=\${#COMP_LINE}; _xe xe; ` +
      `((\${#COMPREPLY[@]} > 0)) && printf "%s\\0" "\${COMPREPLY[@]}"; printf "\\0"\n`,
  );
  // Functions complete for an interactive shell, whose line breaks words at these.
  const script = `set -u\nCOMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'\n. ./script\nCOMP_TYPE=${shown ? 63 : 9}\n${tries.join('')}`;
  const env = { ...process.env, PATH: `${directory}:${process.env.PATH}`, LC_ALL: 'C.UTF-8' };
  const out = execFileSync('bash', ['--norc', '--noprofile', '-c', script], {
    cwd: directory,
    env,
    encoding: 'utf8',
    stdio: 'pipe',
  });
  const words = out.split('\0');
  words.pop();
  return lines.map(() => words.splice(0, words.indexOf('') + 1).slice(0, -1));
}

const complete = (line: string, shown = false) => completeAll([line], shown)[0] ?? [];

const asked = () =>
  existsSync(join(directory, 'asked')) ? readFileSync(join(directory, 'asked'), 'utf8').trimEnd().split('\n') : [];

describe('completion in bash', () => {
  it('completes commands, first the groups of them', () => {
    const [groups, one, several, none, helped] = completeAll(['xe ', 'xe ho', 'xe vm-s', 'xe nothing', 'xe help vm-sta']);
    expect(groups).toEqual(['help', 'vm-', 'host-', 'sr-', 'cd-', 'snapshot-', 'vbd-', 'pif-', 'bond-', 'pool-']);
    expect(one).toEqual(['host-list', 'host-param-list', 'host-get-system-status', 'host-apply-edition']);
    expect(several).toEqual(['vm-start', 'vm-shutdown']);
    expect(none).toEqual([]);
    expect(helped).toEqual(['vm-start']);
    // Once in the life of a shell.
    expect(asked()).toEqual(['help --minimal --all']);
  });

  it('says what several commands do', () => {
    expect(complete('xe vm-s', true)).toEqual(['vm-start  (Starts VMs)', 'vm-shutdown  (Stops VMs: all of them)']);
    expect(asked().length).toBe(2);
  });

  it('completes parameters that are not there yet, with the fields that choose objects', () => {
    const [all, begun, other, given] = completeAll([
      'xe vm-start ',
      'xe vm-start na',
      'xe vm-start fo',
      'xe vm-start vm=x --force --',
    ]);
    expect(all).toEqual(['--force', 'on=', '--paused', 'vm=', 'uuid=', 'name-label=', 'power-state=', 'tags=', '--multiple']);
    expect(begun).toEqual(['name-label=']);
    expect(other).toEqual(['force=']);
    expect(given).toEqual(['--paused', '--multiple', '--minimal', '--trace', '--nossl', '--debug', '--debug-on-fail']);
    expect(asked()).toEqual(['help vm-start', 'help vm-list']);
    expect(complete('xe sr-create name-label=x ')).toEqual(['type=', 'host-uuid=', 'device-config:', 'shared=']);
  });

  it('quotes values as the line needs it, and runs none of them', () => {
    const [bare, double, single, begun, colon, inDouble, history] = completeAll([
      'xe vm-start vm=',
      'xe vm-start vm="it',
      "xe vm-start vm='My",
      'xe vm-start vm=My\\ V',
      'xe vm-start vm=a:b\\ ',
      'xe vm-start "vm=a',
      'xe vm-start vm="wo',
    ]);
    const hard = "it\\'s\\ \\$\\(touch\\ pwned\\)\\ \\`x\\`";
    expect(bare).toEqual(['plain', 'My\\ VM\\,\\ big', hard, 'wow\\!\\!', 'a:b\\ c', 'a:b\\ d', 'back\\\\slash']);
    expect(double).toEqual(["it's \\$(touch pwned) \\`x\\`"]);
    expect(single).toEqual(['My VM, big']);
    expect(begun).toEqual(['My\\ VM\\,\\ big']);
    expect(colon).toEqual(['b\\ c', 'b\\ d']);
    expect(inDouble).toEqual(['vm=a:b c', 'vm=a:b d']);
    // Between double quotes the shell would put an older line in place of it.
    expect(history).toEqual([]);
    expect(existsSync(join(directory, 'pwned'))).toBe(false);
  });

  it('says nothing when the server does not answer', () => {
    const env = { ...process.env, PATH: `${directory}:${process.env.PATH}` };
    const line = 'COMP_LINE="xe " COMP_POINT=3 COMP_TYPE=63; . ./script; _xe false';
    const { stdout, stderr } = spawnSync('bash', ['--norc', '--noprofile', '-c', line], {
      cwd: directory,
      env,
      encoding: 'utf8',
    });
    expect(`${stdout}${stderr}`).toBe('');
  });

  it('completes uuids, and says whose they are when it shows them', () => {
    const lines = [
      'xe vm-start uuid=',
      'xe vm-start uuid=22',
      'xe vm-disk-add uuid=2',
      'xe vbd-create vm-uuid=3',
      'xe snapshot-revert snapshot-uuid=',
    ];
    expect(completeAll(lines)).toEqual([['11-aa', '11-bb', '22-cc'], ['22-cc'], ['22-cc'], ['33-dd'], ['44-ee']]);
    expect(complete('xe vm-start uuid=', true)).toEqual(['11-aa  (one: first)', '22-cc  (two)']);
    expect(completeAll(['xe pool-param-set suspend-image-sr-uuid=', 'xe pool-param-set default-SR='])).toEqual([
      ['s1', 's2'],
      ['s1', 's2'],
    ]);
  });

  it('completes names of fields, also in lists', () => {
    const lines = [
      'xe vm-list params=',
      'xe vm-list params=uuid,n',
      'xe vm-param-get param-name=p',
      'xe vm-param-add uuid=11-aa param-name=',
    ];
    expect(completeAll(lines)).toEqual([
      ['all', 'uuid', 'name-label', 'power-state', 'tags'],
      ['uuid,name-label'],
      ['power-state'],
      ['tags', 'other-config'],
    ]);
    expect(complete('xe bond-create pif-uuids=p1,p')).toEqual(['p1,p1', 'p1,p2', 'p1,p3']);
  });

  it('completes values that servers know', () => {
    expect(
      completeAll([
        'xe vm-list power-state=',
        'xe vm-start power-state=h',
        'xe vm-start on=',
        'xe sr-create type=',
        'xe sr-create type=nfs device-config:',
        'xe vm-cd-insert cd-name=d',
        'xe host-apply-edition edition=',
        'xe host-get-system-status entries=logs,',
        'xe vm-data-source-query uuid=11-aa data-source=',
        'xe bond-create mode=b',
        'xe vm-start force=',
      ]),
    ).toEqual([
      ['running', 'halted'],
      ['halted'],
      ['alpha', 'beta'],
      ['nfs', 'lvm'],
      ['server=', 'serverpath=', 'options='],
      ['debian\\ 12.iso'],
      ['free', 'premium'],
      ['logs,logs', 'logs,boot-loader'],
      ['cpu0', 'memory'],
      ['balance-slb'],
      ['true', 'false'],
    ]);
  });

  it('completes files, options, and nothing where only the user knows', () => {
    const lines = [
      'xe vm-export filename=disk',
      'xe vm-export filename=./disk',
      'xe -pwf disk',
      'xe --fi',
      'xe -s ',
      'xe sr-create name-label=',
    ];
    expect(completeAll(lines)).toEqual([['disk image.vhd'], ['./disk image.vhd'], ['disk image.vhd'], ['--fingerprint'], [], []]);
  });

  it('asks whom the line asks', () => {
    complete('xe -s host -u me -pw "p w" --debug vm-s');
    expect(asked()).toEqual(['-s host -u me -pw p w help --minimal --all']);
  });
});
