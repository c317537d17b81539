import { escapeXml } from '../../../wire/xmlrpc/notation.js';
import type { WatchedVariable } from './config.js';

/** The body of an alarm: its value, then the variable with what it was configured to. Clients parse it line by line. */
export function alarmBody(variable: WatchedVariable, value: number): string {
  const all = new Map<string, string>([
    ['name', variable.name],
    ['alarm_trigger_level', String(variable.level)],
    ['alarm_trigger_period', String(variable.period)],
  ]);
  for (const [name, text] of variable.given) all.set(name, text);
  const lines = [...all].map(([name, text]) => `\t<${name} value="${escapeXml(text)}"/>`);
  return [`value: ${value.toFixed(6)}`, 'config:', '<variable>', ...lines, '</variable>'].join('\n');
}
