import { describe, expect, it } from 'vitest';
import { detectFormat } from '../../../src-main/training/datasets/table-format.ts';
import type { TableFormat } from '../../../src-main/training/datasets/table-format.ts';
import { bytesSource } from '../../../src-main/training/datasets/table-file.ts';

function detect(
  text: string | Uint8Array,
  name = 'a.csv',
  given: Partial<TableFormat> = {},
  like: Partial<TableFormat> = {},
) {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return detectFormat(bytesSource(bytes, name), given, like);
}

describe('detectFormat', () => {
  it.each<[string, string, Partial<TableFormat>]>([
    ['commas', 'a,b\n1,2\n3,4\n', { delimiter: ',', decimal: '.', quote: '"', hasHeader: true }],
    ['semicolons', 'a;b\n1;2\n', { delimiter: ';' }],
    ['tabs', 'a\tb\n1\t2\n', { delimiter: '\t' }],
    ['bars', 'a|b\n1|2\n', { delimiter: '|' }],
    ['one column', 'a\n1\n2\n', { delimiter: ',' }],
    ['commas within text', 'a;b\n"x, y";1\nx, z;2\n', { delimiter: ';', decimal: '.' }],
    ['delimiters within quotes', 'a,b\n"1;2;3",x\n"4;5;6",y\n', { delimiter: ',' }],
    ['decimal commas', 'a;b\n1,25;2\n3,5;4\n', { delimiter: ';', decimal: ',' }],
    ['decimal commas without a header', '1,25;2\n3,5;4\n', { decimal: ',', hasHeader: false }],
    ['quoted decimal commas', 'a,b\n"1,25",x\n"3,5",y\n', { delimiter: ',', decimal: ',' }],
    ['what may be thousands', 'a;b\n1,250;2\n3,500;4\n', { decimal: '.', thousands: 'none' }],
    ['points beside commas', 'a;b\n1,250;2.5\n3,500;4.5\n', { decimal: '.', thousands: 'none' }],
    ['German thousands', 'a;b\n1.250,5;x\n3,5;y\n', { decimal: ',', thousands: '.' }],
    [
      'English thousands',
      'a,b\n"1,250.5",x\n3.5,y\n',
      { decimal: '.', thousands: ',', delimiter: ',' },
    ],
    ['thousands with spaces', 'a;b\n1 250,5;x\n3,5;y\n', { decimal: ',', thousands: ' ' }],
    ['thousands with apostrophes', "a;b\n1'250.5;x\n3.5;y\n", { decimal: '.', thousands: "'" }],
    [
      'whole thousands beside those with decimals',
      'a;b\n1.250,5;1.000\n',
      { decimal: ',', thousands: '.' },
    ],
    ['thousands that other numbers speak against', 'a;b\n1.250,5;1.5\n', { thousands: 'none' }],
    ['thousands of two kinds', "a;b\n1.250,5;1'250.5\n", { thousands: 'none' }],
    ['phone numbers', 'a;b\n555 123 456;1\n555 123 457;2\n', { thousands: 'none' }],
    [
      'thousands that say what separates cells',
      'x;1.250,5\ny;2.300,75\n',
      { delimiter: ';', decimal: ',', thousands: '.', hasHeader: false },
    ],
    ['thousands without a header', '1.250,5;7\n3.500,5;8\n', { hasHeader: false }],
    [
      'thousands in one column that another column writes otherwise',
      'a;b\n1.250,5;1,250.5\n',
      { thousands: 'none' },
    ],
    ['thousands beside what is no number', 'a;b\n1.250,5;1\nn.n.;2\n', { thousands: 'none' }],
    ['text with thousands', 'a;b\n1.250,5 EUR;1\n', { thousands: 'none' }],
    ['single quotes', "a,b\n'x, y',1\n'z',2\n", { quote: "'", delimiter: ',' }],
    ['apostrophes', "a,b\n't is,1\nit's,2\n", { quote: '"' }],
    ['no header', '5.1,setosa\n4.9,setosa\n4.7,virginica\n', { hasHeader: false }],
    ['years as a header', 'land,1990,1991,1992\na,1,2,3\nb,4,5,6\n', { hasHeader: true }],
    ['a header of text alone', 'name,kind\nx,u\ny,v\n', { hasHeader: true }],
    ['text without a header', 'x,u\ny,u\nx,v\ny,u\n', { hasHeader: false }],
  ])('knows %s', (_what, text, expected) => {
    expect(detect(text)).toMatchObject(expected);
  });

  it('knows encodings by their bytes', () => {
    expect(detect('\uFEFFa,b\n').encoding).toBe('utf-8');
    expect(detect(Buffer.from('ä,b\n1,2\n', 'latin1')).encoding).toBe('windows-1252');
    const little = Buffer.from('a,b\n1,2\n3,4\n', 'utf16le');
    expect(detect(little).encoding).toBe('utf-16le');
    expect(detect(Buffer.from(little).swap16()).encoding).toBe('utf-16be');
    expect(detect(Buffer.from(little).swap16())).toMatchObject({ delimiter: ',', hasHeader: true });
  });

  it('leaves what is given, and asks the name where cells do not tell', () => {
    expect(detect('a;b\n1;2\n', 'a.csv', { delimiter: ',', hasHeader: false })).toMatchObject({
      delimiter: ',',
      hasHeader: false,
    });
    expect(detect('a\n1\n', 'a.tsv').delimiter).toBe('\t');
  });

  it('takes the other mark for decimals where thousands are given, and the other way round', () => {
    const text = 'a;b\n1.250;2\n3.500;4\n';
    expect(detect(text, 'a.csv', { thousands: '.' })).toMatchObject({ decimal: ',' });
    expect(detect(text, 'a.csv', { thousands: ',' })).toMatchObject({ decimal: '.' });
    expect(detect('a;b\n1.250,5;x\n', 'a.csv', { decimal: '.' })).toMatchObject({
      decimal: '.',
      thousands: 'none',
    });
    expect(detect('a;b\n1.250,5;x\n', 'a.csv', { thousands: 'none' })).toMatchObject({
      thousands: 'none',
    });
    expect(detect('a;b\n7;x\n', 'a.csv', { decimal: ',' })).toMatchObject({ decimal: ',' });
  });

  it('takes numbers for written as in another table where they do not tell otherwise', () => {
    const german = { decimal: ',', thousands: '.' } as const;
    expect(detect('a;b\n1.250;x\n', 'a.csv', {}, german)).toMatchObject(german);
    expect(detect('a;b\n1.25;x\n', 'a.csv', {}, german)).toMatchObject({
      decimal: '.',
      thousands: 'none',
    });
    expect(detect('a;b\n1,250;x\n', 'a.csv', {}, { decimal: ',' })).toMatchObject({
      decimal: ',',
    });
    const both = 'a;b\n1.250,5;1,250.5\n';
    expect(detect(both, 'a.csv', {}, german)).toMatchObject({ thousands: 'none' });
  });

  it('is not led astray by a character that is cut at the end of the sample', () => {
    const text = `a,b\n${'x,ä\n'.repeat(100_000)}`;
    for (const shift of ['', 'x', 'xx', 'xxx'])
      expect(detect(text.replace('a', `a${shift}`)).encoding).toBe('utf-8');
  });

  it('makes something of nothing', () => {
    expect(detect('')).toEqual({
      delimiter: ',',
      quote: '"',
      encoding: 'utf-8',
      decimal: '.',
      thousands: 'none',
      hasHeader: true,
    });
  });
});
