export function isStale(outputs: string[], sources: string[]): boolean;
