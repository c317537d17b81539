import type { ProbeFinding } from '../../../host/storage.js';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Versions of its protocol in which an NFS server can be used; clients offer a choice from this list. */
const NFS_VERSIONS = ['3', '4'];

/** One element on lines of its own: old clients count the whitespace between elements as nodes. */
function element(depth: number, name: string, text: string): string {
  const indent = '\t'.repeat(depth);
  return `${indent}<${name}>\n${indent}\t${text.replace(/[&<>]/g, (c) => ESCAPES[c] ?? c)}\n${indent}</${name}>\n`;
}

function srElement({ sr }: ProbeFinding): string {
  if (!sr) return '';
  const fields = [
    element(2, 'UUID', sr.uuid),
    element(2, 'Size', String(sr.totalSpace)),
    element(2, 'name_label', sr.name),
    element(2, 'name_description', sr.description),
  ];
  return `\t<SR>\n${fields.join('')}\t</SR>\n`;
}

/** What a probe found, as SR.probe answers: a list of SRs, empty where only new ones could be made. */
export function probeXml(type: string, found: readonly ProbeFinding[]): string {
  const versions =
    type === 'nfs'
      ? `\t<SupportedVersions>\n${NFS_VERSIONS.map((v) => element(2, 'Version', v)).join('')}\t</SupportedVersions>\n`
      : '';
  const inside = found.map(srElement).join('') + versions;
  return `<?xml version="1.0" ?>\n${inside === '' ? '<SRlist/>\n' : `<SRlist>\n${inside}</SRlist>\n`}`;
}
