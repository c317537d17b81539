import type { ClassModel } from '../model/class-model.js';
import { ApiError } from '../model/error.js';
import type { RecordVersion } from '../model/record.js';
import { storageText } from '../model/storage-text.js';

/** Tells whether an object fits a `*_where` expression. */
export type Predicate = (ref: string, version: RecordVersion) => boolean;

/** Nesting that a parser of such an expression follows; clients stay below ten. */
const MAX_DEPTH = 100;

type Token = { readonly kind: 'word'; readonly text: string } | { readonly kind: 'string'; readonly text: string };
type TextOf = (ref: string, version: RecordVersion) => string;

const TOKEN = /\s*(?:(field|and|or|not|true|false|[()=])|"([^"]*)")/y;

/**
 * Compiles the expression of get_all_where and get_all_records_where. Values are compared as storage spells them.
 * `and` and `or` have one precedence, left to right; `not` takes everything to its right (tried on the original).
 * Throws INVALID_VALUE on bad syntax and, when applied, INTERNAL_ERROR on a field that the class has not.
 */
export function compileWhere(model: ClassModel, expression: string): Predicate {
  return new Parser(model, expression).parse();
}

class Parser {
  readonly #model: ClassModel;
  readonly #expression: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(model: ClassModel, expression: string) {
    this.#model = model;
    this.#expression = expression;
    this.#tokens = this.#tokenise();
  }

  parse(): Predicate {
    const predicate = this.#expressionNode();
    if (this.#at < this.#tokens.length) this.#refuse('text after the expression');
    return predicate;
  }

  #tokenise(): Token[] {
    const tokens: Token[] = [];
    const text = this.#expression;
    TOKEN.lastIndex = 0;
    for (let at = 0; text.slice(at).trim() !== ''; at = TOKEN.lastIndex) {
      TOKEN.lastIndex = at;
      const match = TOKEN.exec(text);
      if (!match) this.#refuse(`unexpected text at ${at}`);
      else if (match[1] !== undefined) tokens.push({ kind: 'word', text: match[1] });
      else tokens.push({ kind: 'string', text: match[2] ?? '' });
    }
    return tokens;
  }

  #refuse(reason: string): never {
    throw new ApiError('INVALID_VALUE', this.#expression, reason);
  }

  #next(): Token {
    const token = this.#tokens[this.#at++];
    return token ?? this.#refuse('the expression ends early');
  }

  #accept(word: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'word' || token.text !== word) return false;
    this.#at++;
    return true;
  }

  #expressionNode(): Predicate {
    if (++this.#depth > MAX_DEPTH) this.#refuse('nested too deeply');
    const first = this.#term();
    const rest: [both: boolean, term: Predicate][] = [];
    for (;;) {
      const both = this.#accept('and');
      if (!both && !this.#accept('or')) break;
      rest.push([both, this.#term()]);
    }
    this.#depth--;
    if (!rest.length) return first;
    // A loop, because expressions that programs make may have thousands of terms.
    return (ref, version) => {
      let result = first(ref, version);
      for (const [both, term] of rest) if (result === both) result = term(ref, version);
      return result;
    };
  }

  #term(): Predicate {
    if (this.#accept('true')) return () => true;
    if (this.#accept('false')) return () => false;
    if (this.#accept('not')) {
      const inner = this.#expressionNode();
      return (ref, version) => !inner(ref, version);
    }
    if (this.#accept('(')) {
      const inner = this.#expressionNode();
      if (!this.#accept(')')) this.#refuse('a parenthesis is not closed');
      return inner;
    }
    const left = this.#value();
    if (!this.#accept('=')) this.#refuse('an equals sign is missing');
    const right = this.#value();
    return (ref, version) => left(ref, version) === right(ref, version);
  }

  #value(): TextOf {
    const token = this.#next();
    if (token.kind === 'string') return () => token.text;
    if (token.text !== 'field') this.#refuse(`${token.text} is no value`);
    const column = this.#next();
    if (column.kind !== 'string') this.#refuse('the name of a field is missing');
    return this.#column(column.text);
  }

  #column(column: string): TextOf {
    if (column === '_ref') return (ref) => ref;
    const field = this.#model.fieldsByColumn.get(column);
    if (!field) {
      return () => {
        throw new ApiError('INTERNAL_ERROR', 'missing field', column, '');
      };
    }
    return (_ref, version) => storageText(field.type, (version.fields as Record<string, unknown>)[field.name]);
  }
}
