import type { ClassCoverage } from '../api/coverage.js';

const percent = (part: number, whole: number) => (whole === 0 ? '–' : `${Math.floor((100 * part) / whole)} %`);

function explicitTotal({ explicit }: ClassCoverage): number {
  return explicit.implemented.length + explicit['stored-only'].length + explicit.refused.length;
}

function row(entry: ClassCoverage): string {
  const { className, implicit, explicit } = entry;
  const cells = [
    `[${className}](#${className.toLowerCase()})`,
    `${implicit.implemented}/${implicit.total}`,
    explicit.implemented.length,
    explicit['stored-only'].length,
    explicit.refused.length,
    percent(explicit.implemented.length, explicitTotal(entry)),
  ];
  return `| ${cells.join(' | ')} |`;
}

function details({ className, doc, explicit }: ClassCoverage): string[] {
  const line = (title: string, names: readonly string[]) =>
    names.length ? [`- ${title}: ${names.map((name) => `\`${name}\``).join(', ')}`] : [];
  return [
    `### ${className}`,
    '',
    doc,
    '',
    ...line('Implemented', explicit.implemented),
    ...line('Stored only', explicit['stored-only']),
    ...line('Refused', explicit.refused),
    '',
  ];
}

/** The coverage page of the documentation, as Markdown. */
export function coveragePage(classes: readonly ClassCoverage[]): string {
  const sum = (of: (entry: ClassCoverage) => number) => classes.reduce((total, entry) => total + of(entry), 0);
  const implemented = sum((entry) => entry.explicit.implemented.length);
  const [stored, refused] = [sum((entry) => entry.explicit['stored-only'].length), sum((entry) => entry.explicit.refused.length)];
  const implicit = [sum((entry) => entry.implicit.implemented), sum((entry) => entry.implicit.total)];
  const total = implemented + stored + refused;
  return [
    '# Coverage',
    '',
    'Which messages of the API do what they say. This page is made from the handlers by `npm run coverage`; a test fails when it is not up to date.',
    '',
    '- **Implicit** messages follow from the fields of a class: getters, setters, constructors, look-ups. `console.create` and `console.destroy` are refused, as the original refuses them.',
    '- **Implemented** explicit messages do their work, in front of the emulated host and of any other.',
    '- **Stored only**: the value is kept and shown, and nothing else happens.',
    '- **Refused**: answered with an error of the model; `NOT_IMPLEMENTED` where the feature is not there (yet).',
    '- Messages that the original has withdrawn answer `MESSAGE_REMOVED` and are not counted.',
    '',
    `Of ${total} live explicit messages, ${implemented} are implemented (${percent(implemented, total)}), ${stored} stored only, ${refused} refused. Of ${implicit[1]} implicit messages, ${implicit[0]} are implemented.`,
    '',
    '| class | implicit | implemented | stored only | refused | share |',
    '|---|---|---|---|---|---|',
    ...classes.map(row),
    '',
    '## Explicit messages by class',
    '',
    ...classes.filter((entry) => explicitTotal(entry) > 0).flatMap(details),
  ].join('\n');
}
