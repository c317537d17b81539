import { describe, expect, it } from 'vitest';
import { errorSentences } from './error-sentences.js';
import { errors } from './errors.js';

/** Letters and digits alone, so that a code and its words compare equal. */
const bare = (text: string) => text.replace(/[^A-Za-z0-9]/g, '').toLowerCase();

const sentences: [code: string, sentence: string][] = Object.entries(errorSentences);

describe('the sentences of the errors', () => {
  it('are there for every error, in the order of the errors', () => {
    expect(Object.keys(errorSentences)).toEqual(Object.keys(errors));
  });

  it('are one printable line from a capital letter to a full stop', () => {
    const wrong = sentences.filter(([, sentence]) => !/^[A-Z][\x20-\x7e]*[A-Za-z0-9]\.$/.test(sentence));
    expect(wrong).toEqual([]);
    // One line of a terminal, with room for the longest.
    expect(sentences.filter(([, sentence]) => sentence.length > 130)).toEqual([]);
    expect(sentences.filter(([, sentence]) => /\s\s|\.\s[A-Z]/.test(sentence))).toEqual([]);
  });

  it('say more than the code', () => {
    expect(sentences.filter(([code, sentence]) => bare(sentence) === bare(code))).toEqual([]);
    // A code in a sentence would be read as part of it.
    expect(sentences.filter(([, sentence]) => /[A-Z0-9]_[A-Z0-9]/.test(sentence))).toEqual([]);
  });

  it('tell errors apart', () => {
    const codes = new Map<string, string[]>();
    for (const [code, sentence] of sentences) codes.set(sentence, [...(codes.get(sentence) ?? []), code]);
    expect([...codes.values()].filter((same) => same.length > 1)).toEqual([]);
  });

  it('word a wrong uuid as scripts know it', () => {
    expect(errorSentences.UUID_INVALID).toBe('The uuid you supplied was invalid.');
  });
});
