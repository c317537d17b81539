import { describe, expect, it } from 'vitest';
import { formatRecommendations, parseRecommendations } from './recommendations.js';

describe('recommendations', () => {
  it('are read back as they were', () => {
    const list = [
      { field: 'vcpus-max', max: '64', min: '1' },
      { property: 'number-of-vifs', max: '7' },
      { field: 'a&"b', value: '<x>' },
    ];
    expect(parseRecommendations(formatRecommendations(list))).toEqual(list);
    expect(formatRecommendations([{ property: 'number-of-vbds', max: '255' }])).toBe(
      '<restrictions><restriction property="number-of-vbds" max="255"/></restrictions>',
    );
  });

  it('tolerate what they do not know', () => {
    const text = '<?xml version="1.0"?>\n<restrictions> <restriction field="x" max="1" colour="red"/> <other/> </restrictions>';
    expect(parseRecommendations(text)).toEqual([{ field: 'x', max: '1' }]);
  });

  it('mean nothing when they are broken', () => {
    for (const text of ['', 'none', '<restrictions>', '<limits/>']) expect(parseRecommendations(text)).toEqual([]);
  });
});
