import { escapeXml } from '../xmlrpc/notation.js';
import type { RrdArchive, RrdDocument, RrdSource } from './document.js';
import { measureText } from './number-text.js';
import { portions } from './portions.js';

/** Version of the format. */
const VERSION = '0003';

/** Everything that is kept of one owner as XML, oldest rows first, piece by piece. */
export function rrdXml(document: RrdDocument): Generator<string> {
  return portions(xmlPieces(document));
}

/** The same as JSON: every scalar is a string there. */
export function rrdJson(document: RrdDocument): Generator<string> {
  return portions(jsonPieces(document));
}

/** Members of a source, in the order in which clients expect them. */
function sourceMembers(source: RrdSource, heartbeat: number): readonly (readonly [string, string])[] {
  return [
    ['name', source.name],
    ['type', 'GAUGE'],
    ['minimal_heartbeat', measureText(heartbeat)],
    ['min', measureText(source.minimum)],
    ['max', measureText(source.maximum)],
    ['last_ds', measureText(source.last)],
    ['value', measureText(source.value)],
    ['unknown_sec', measureText(source.unknownSeconds)],
  ];
}

/** What has come together of a source in the row that goes on. Only the last two say something. */
function pendingMembers(archive: RrdArchive, source: number): readonly (readonly [string, string])[] {
  const { value, unknown } = archive.pending(source);
  return [
    ['primary_value', '0.0'],
    ['secondary_value', '0.0'],
    ['value', measureText(value)],
    ['unknown_datapoints', String(unknown)],
  ];
}

function elements(members: readonly (readonly [string, string])[]): string {
  return members.map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`).join('');
}

function object(members: readonly (readonly [string, string])[]): string {
  return `{${members.map(([name, text]) => `"${name}":${JSON.stringify(text)}`).join(',')}}`;
}

function* xmlPieces({ step, lastUpdate, heartbeat, sources, archives }: RrdDocument): Generator<string> {
  yield `<rrd><version>${VERSION}</version><step>${step}</step><lastupdate>${lastUpdate}</lastupdate>`;
  for (const source of sources) yield `<ds>${elements(sourceMembers(source, heartbeat))}</ds>`;
  for (const archive of archives) {
    yield `<rra><cf>${archive.consolidation}</cf><pdp_per_row>${archive.steps}</pdp_per_row>`;
    yield `<params><xff>${measureText(archive.unknownShare)}</xff></params><cdp_prep>`;
    for (let source = 0; source < sources.length; source++) yield `<ds>${elements(pendingMembers(archive, source))}</ds>`;
    yield '</cdp_prep><database>';
    for (let row = 0; row < archive.rows; row++) {
      yield '<row>';
      for (let source = 0; source < sources.length; source++) yield `<v>${measureText(archive.at(row, source))}</v>`;
      yield '</row>';
    }
    yield '</database></rra>';
  }
  yield '</rrd>';
}

function* jsonPieces({ step, lastUpdate, heartbeat, sources, archives }: RrdDocument): Generator<string> {
  yield `{"version":"${VERSION}","step":"${step}","lastupdate":"${lastUpdate}","ds":[`;
  for (const [at, source] of sources.entries()) yield `${at ? ',' : ''}${object(sourceMembers(source, heartbeat))}`;
  yield '],"rra":[';
  for (const [at, archive] of archives.entries()) {
    yield `${at ? ',' : ''}{"cf":"${archive.consolidation}","pdp_per_row":"${archive.steps}"`;
    yield `,"params":{"xff":"${measureText(archive.unknownShare)}"},"cdp_prep":{"ds":[`;
    for (let source = 0; source < sources.length; source++)
      yield `${source ? ',' : ''}${object(pendingMembers(archive, source))}`;
    yield ']},"database":[';
    for (let row = 0; row < archive.rows; row++) {
      yield row ? ',[' : '[';
      for (let source = 0; source < sources.length; source++)
        yield `${source ? ',' : ''}"${measureText(archive.at(row, source))}"`;
      yield ']';
    }
    yield ']}';
  }
  yield ']}';
}
