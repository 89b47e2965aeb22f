/** The shape of rows as images: a square where the features make one, else a line. */
export function imageOf(
  nFeatures: number,
  isFlat: boolean,
): { readonly height?: number; readonly width: number } {
  const side = Math.sqrt(nFeatures);
  return isFlat && Number.isInteger(side) ? { height: side, width: side } : { width: nFeatures };
}
