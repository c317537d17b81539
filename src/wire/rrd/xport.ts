import { escapeXml } from '../xmlrpc/notation.js';
import { columnCount, rowCount, type XportDocument } from './document.js';
import { measureText } from './number-text.js';
import { portions } from './portions.js';

/** Recent rows as XML, newest row first, piece by piece. No white space between elements: clients count children. */
export function xportXml(document: XportDocument): Generator<string> {
  return portions(xmlPieces(document));
}

/** The same as JSON: every scalar is a string there, as the original writes it. */
export function xportJson(document: XportDocument): Generator<string> {
  return portions(jsonPieces(document));
}

function* xmlPieces(document: XportDocument): Generator<string> {
  const { start, step, end, parts } = document;
  yield `<xport><meta><start>${start}</start><step>${step}</step><end>${end}</end>`;
  yield `<rows>${rowCount(document)}</rows><columns>${columnCount(document)}</columns><legend>`;
  for (const { entries } of parts) for (const entry of entries) yield `<entry>${escapeXml(entry)}</entry>`;
  yield '</legend></meta><data>';
  for (let time = end; time >= start; time -= step) {
    yield `<row><t>${time}</t>`;
    for (const part of parts)
      for (let column = 0; column < part.entries.length; column++) yield `<v>${measureText(part.at(time, column))}</v>`;
    yield '</row>';
  }
  yield '</data></xport>';
}

function* jsonPieces(document: XportDocument): Generator<string> {
  const { start, step, end, parts } = document;
  yield `{"meta":{"start":"${start}","step":"${step}","end":"${end}"`;
  yield `,"rows":"${rowCount(document)}","columns":"${columnCount(document)}","legend":[`;
  let before = '';
  for (const { entries } of parts)
    for (const entry of entries) {
      yield before + JSON.stringify(entry);
      before = ',';
    }
  yield ']},"data":[';
  for (let time = end; time >= start; time -= step) {
    yield `${time === end ? '' : ','}{"t":"${time}","values":[`;
    before = '"';
    for (const part of parts)
      for (let column = 0; column < part.entries.length; column++) {
        yield `${before}${measureText(part.at(time, column))}"`;
        before = ',"';
      }
    yield ']}';
  }
  yield ']}';
}
