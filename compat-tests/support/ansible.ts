import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FENCE_MODULES, PYTHON, runProgram } from './program.js';

/** Ansible of Debian. */
export const ANSIBLE = '/usr/bin/ansible-playbook';

/** One task of a playbook: a module of community.general without its collection, and its parameters. */
export interface AnsibleTask {
  readonly module: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Runs in check mode: says what would be changed. */
  readonly check?: boolean;
}

/** What a task reported; the fields that the modules at hand return. */
export interface AnsibleResult {
  readonly changed?: boolean;
  readonly failed?: boolean;
  readonly msg?: string;
  readonly changes?: readonly unknown[];
  readonly instance?: Instance;
}

/** Facts of a VM as the modules give them. */
export interface Instance {
  readonly name: string;
  readonly uuid: string;
  readonly state: string;
  readonly is_template: boolean;
  readonly folder: string;
  readonly name_desc: string;
  readonly hardware: { readonly memory_mb: number; readonly num_cpus: number; readonly num_cpu_cores_per_socket: number };
  readonly disks: readonly {
    readonly name: string;
    readonly size: number;
    readonly sr: string;
    readonly vbd_userdevice: string;
  }[];
  readonly networks: readonly { readonly name: string; readonly mac: string; readonly ip: string; readonly vif_device: string }[];
  readonly cdrom: { readonly type: string; readonly iso_name?: string };
  readonly platform: Readonly<Record<string, string>>;
  readonly other_config: Readonly<Record<string, string>>;
  readonly xenstore_data: Readonly<Record<string, string>>;
}

interface Report {
  readonly plays: readonly { readonly tasks: readonly { readonly hosts: Readonly<Record<string, AnsibleResult>> }[] }[];
}

/** Runs tasks one after the other, on past failures. Resolves to what each reported. */
export async function ansible(tasks: readonly AnsibleTask[]): Promise<readonly AnsibleResult[]> {
  const directory = await mkdtemp(join(tmpdir(), 'xenapi-gateway-ansible-'));
  try {
    const play = {
      hosts: 'localhost',
      connection: 'local',
      gather_facts: false,
      vars: { ansible_python_interpreter: PYTHON },
      tasks: tasks.map(({ module, params, check = false }) => ({
        [`community.general.${module}`]: params,
        check_mode: check,
        ignore_errors: true,
      })),
    };
    const path = join(directory, 'playbook.yml');
    // JSON is YAML.
    await writeFile(path, JSON.stringify([play]));
    const { status, stdout, stderr } = await runProgram(ANSIBLE, ['-i', 'localhost,', path], environment(directory));
    // After the report there may be warnings, before it deprecations: the report is the one object between them.
    const text = stdout.slice(stdout.indexOf('{'), stdout.lastIndexOf('}') + 1);
    if (text === '') throw new Error(`ansible-playbook ended with ${status}:\n${stdout}\n${stderr}`);
    const results = (JSON.parse(text) as Report).plays.flatMap((one) => one.tasks.map(({ hosts }) => hosts.localhost ?? {}));
    if (results.length !== tasks.length) throw new Error(`${results.length} of ${tasks.length} tasks ran:\n${stdout}\n${stderr}`);
    return results;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function environment(home: string): Record<string, string> {
  return {
    ANSIBLE_HOME: home,
    ANSIBLE_LOCAL_TEMP: join(home, 'local'),
    ANSIBLE_REMOTE_TEMP: join(home, 'remote'),
    ANSIBLE_STDOUT_CALLBACK: 'ansible.posix.json',
    ANSIBLE_LOAD_CALLBACK_PLUGINS: '1',
    ANSIBLE_DEPRECATION_WARNINGS: '0',
    ANSIBLE_LOCALHOST_WARNING: '0',
    ANSIBLE_NOCOLOR: '1',
    PYTHONPATH: FENCE_MODULES,
    LC_ALL: 'C.UTF-8',
  };
}
