import { readAddresses } from '../../config/addresses-file.js';
import type { Config } from '../../config/load-config.js';
import { type Finding, fail, ok } from './check.js';
import { checkAccounts, checkDataDir, checkDiskSpace, checkStore } from './data-checks.js';
import { hostChecks } from './host-checks.js';
import { checkCertificate, checkNode, checkPort } from './machine-checks.js';

/** Looks at everything that `start` with this configuration needs, and changes nothing. */
export async function examine(config: Config): Promise<readonly Finding[]> {
  const { dataDir, bind, httpsPort, httpPort, store } = config;
  const pid = await runningPid(dataDir);
  const checks: (() => Finding | Promise<Finding>)[] = [
    () => checkNode(),
    () => checkDataDir(dataDir),
    () => checkDiskSpace(dataDir),
    () => (store === 'memory' ? ok('database', 'is in memory: nothing is kept') : checkStore(dataDir, pid)),
    () => checkAccounts(dataDir, config.rootPassword !== undefined || config.rootPasswordFile !== undefined),
    () => checkCertificate(dataDir),
    ...hostChecks(config),
    ...(pid === undefined
      ? [
          () => checkPort(bind, { name: 'https-port', port: httpsPort, standard: 443, instead: 8443 }),
          () => checkPort(bind, { name: 'http-port', port: httpPort, standard: 80, instead: 8080 }),
        ]
      : [() => ok('ports', `a gateway is running on this data directory (process ${pid})`)]),
  ];
  const findings: Finding[] = [];
  for (const check of checks) findings.push(await survived(check));
  return findings;
}

/** Findings as lines for people. */
export function report(findings: readonly Finding[]): readonly string[] {
  const marks = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' };
  const lines = findings.flatMap(({ grade, subject, found, advice }) => [
    `${marks[grade]}  ${subject}: ${found}`,
    ...(advice === undefined ? [] : [`      → ${advice}`]),
  ]);
  const failed = findings.filter(({ grade }) => grade === 'fail').length;
  const verdict =
    failed === 0 ? 'The gateway can start.' : `The gateway cannot start: ${failed} of ${findings.length} checks failed.`;
  return [...lines, '', verdict];
}

/** A check that fails in a way of its own is a finding too. */
async function survived(check: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await check();
  } catch (thrown) {
    return fail('check', thrown instanceof Error ? thrown.message : String(thrown), 'see the message');
  }
}

/** Process of the daemon that serves from this directory; undefined when none does. */
async function runningPid(dataDir: string): Promise<number | undefined> {
  const addresses = await readAddresses(dataDir);
  if (addresses === undefined) return undefined;
  try {
    process.kill(addresses.pid, 0);
    return addresses.pid;
  } catch (thrown) {
    // A process of another user is alive too.
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM' ? addresses.pid : undefined;
  }
}
