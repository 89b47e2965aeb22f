/**
 * `node scripts/icons.ts`: draws `resources/icons/icon.svg` in all sizes with Chromium (`PARZEN_CHROMIUM`, or the one on PATH), and
 * packs them for Windows and macOS. The results are in the repository; run it again when the drawing changes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { findOnPath } from './processes.ts';

const ICONS = join(import.meta.dirname, '..', 'resources', 'icons');
const SIZES = [16, 24, 32, 48, 64, 128, 256, 512] as const;
const WINDOWS_SIZES = SIZES.filter((size) => size <= 256);
/** Apple's names for pictures of so many pixels. */
const MAC_TYPES: readonly (readonly [type: string, size: (typeof SIZES)[number]])[] = [
  ['icp4', 16],
  ['icp5', 32],
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
  ['ic11', 32],
  ['ic12', 64],
  ['ic13', 256],
  ['ic14', 512],
];

const pictures = await draw(readFileSync(join(ICONS, 'icon.svg'), 'utf8'));
for (const [size, png] of pictures) {
  writeFileSync(join(ICONS, `${size}x${size}.png`), png);
}
writeFileSync(join(ICONS, 'icon.ico'), toIco(pictures));
writeFileSync(join(ICONS, 'icon.icns'), toIcns(pictures));

async function draw(svg: string): Promise<ReadonlyMap<number, Buffer>> {
  const executablePath = process.env.PARZEN_CHROMIUM ?? findOnPath('chromium');
  const isRoot = process.getuid?.() === 0;
  const browser = await chromium.launch({ executablePath, args: isRoot ? ['--no-sandbox'] : [] });
  try {
    const page = await browser.newPage();
    const drawn = new Map<number, Buffer>();
    for (const size of SIZES) {
      await page.setViewportSize({ width: size, height: size });
      const url = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
      await page.setContent(
        `<body style="margin:0"><img src="${url}" style="display:block;width:${size}px"></body>`,
      );
      await page.locator('img').evaluate('(image) => image.decode()');
      drawn.set(size, await page.screenshot({ omitBackground: true }));
    }
    return drawn;
  } finally {
    await browser.close();
  }
}

/** A directory of PNG pictures, as Windows has read it since Vista. */
function toIco(pngs: ReadonlyMap<number, Buffer>): Buffer {
  const entries = WINDOWS_SIZES.map((size) => ({ size, png: pngs.get(size) ?? Buffer.alloc(0) }));
  const header = Buffer.alloc(6 + 16 * entries.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(entries.length, 4);
  let offset = header.length;
  for (const [i, { size, png }] of entries.entries()) {
    const at = 6 + 16 * i;
    // 0 stands for 256.
    header.writeUInt8(size % 256, at);
    header.writeUInt8(size % 256, at + 1);
    header.writeUInt16LE(1, at + 4);
    header.writeUInt16LE(32, at + 6);
    header.writeUInt32LE(png.length, at + 8);
    header.writeUInt32LE(offset, at + 12);
    offset += png.length;
  }
  return Buffer.concat([header, ...entries.map(({ png }) => png)]);
}

function toIcns(pngs: ReadonlyMap<number, Buffer>): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const header = Buffer.alloc(8);
    header.write(type, 'latin1');
    header.writeUInt32BE(8 + data.length, 4);
    return Buffer.concat([header, data]);
  };
  const pictures = MAC_TYPES.map(([type, size]) => chunk(type, pngs.get(size) ?? Buffer.alloc(0)));
  return chunk('icns', Buffer.concat(pictures));
}
