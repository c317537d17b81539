import { describe, expect, it } from 'vitest';
import { checkEntries, checkNew, complete, isDue } from './schedule.js';

const schedule = (entries: { [key: string]: string }) => new Map(Object.entries(entries));

describe('the times of a schedule', () => {
  it('are completed and cut down for their frequency', () => {
    expect(checkNew('daily', schedule({}))).toEqual(schedule({ hour: '0', min: '0' }));
    expect(complete('hourly', schedule({ hour: '1', min: '30' }))).toEqual(schedule({ min: '30' }));
    expect(complete('weekly', schedule({ min: '15' }))).toEqual(schedule({ hour: '0', min: '15', days: 'Monday' }));
  });

  it('are spelled as the model spells them', () => {
    expect(checkEntries(schedule({ days: 'friday,MONDAY' }))).toEqual(schedule({ days: 'Friday,Monday' }));
  });

  it.each([
    [{ min: '7' }, ['schedule:min', '7']],
    [{ hour: '24' }, ['schedule:hour', '24']],
    [{ hour: '-1' }, ['schedule:hour', '-1']],
    [{ days: 'Monday,Someday' }, ['schedule:days', 'Someday']],
    [{ days: 'Monday,Monday' }, ['schedule:days', 'Monday,Monday']],
    [{ noon: '1' }, ['schedule:noon', '1']],
  ])('are refused: %o', (entries, params) => {
    expect(() => checkEntries(schedule(entries))).toThrow(expect.objectContaining({ code: 'INVALID_VALUE', params }));
  });

  it('may not have keys of another frequency when they are new', () => {
    expect(() => checkNew('hourly', schedule({ hour: '1', min: '0' }))).toThrow('schedule:hour');
  });

  it('come round', () => {
    // A Friday.
    const at = (hour: number, minute: number, day = 7) => new Date(2025, 10, day, hour, minute, 30);
    expect(isDue('hourly', schedule({ min: '15' }), at(3, 20))).toBe(true);
    expect(isDue('hourly', schedule({ min: '15' }), at(3, 30))).toBe(false);
    expect(isDue('daily', schedule({ hour: '3', min: '15' }), at(3, 15))).toBe(true);
    expect(isDue('daily', schedule({ hour: '3', min: '15' }), at(4, 15))).toBe(false);
    const weekly = schedule({ hour: '3', min: '15', days: 'Monday,Friday' });
    expect(isDue('weekly', weekly, at(3, 15))).toBe(true);
    expect(isDue('weekly', weekly, at(3, 15, 8))).toBe(false);
  });
});
